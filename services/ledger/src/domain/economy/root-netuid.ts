/** Of the root network, and of what is staked on root where there is none. */
export const ROOT_NETUID = 0;
