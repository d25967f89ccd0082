/** The root network: its members weigh markets by netuid, where validators weigh miners by uid. */
export const ROOT_NETUID = 0;
