/** Of the directory of a member's tree in its data directory. */
export const STORE_NAME = 'store';
