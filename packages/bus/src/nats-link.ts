import type { NatsConnection } from '@nats-io/nats-core';

/** What is known of a connection; tells `reconnect` when it stands again after it was down. */
export class NatsLink extends EventTarget {
  /** True from the loss of the connection until it stands again. */
  isDown = false;

  constructor(connection: NatsConnection) {
    super();
    void this.#follow(connection);
  }

  async #follow(connection: NatsConnection): Promise<void> {
    for await (const { type } of connection.status()) {
      if (type === 'disconnect' || type === 'reconnecting') this.isDown = true;
      if (type !== 'reconnect') continue;
      this.isDown = false;
      this.dispatchEvent(new Event('reconnect'));
    }
  }
}
