/** The key that the recorded histories are sealed with. Public, and of no use for anything else. */
export const historyKey = { kid: 'histories', key: new Uint8Array(32).map((_, index) => index + 1) };
