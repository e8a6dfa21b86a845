/** What becomes of keys that are there already: the transfer stops, they stay as they are, or they are overwritten. */

export const existingPolicies = ['fail', 'skip', 'replace'] as const;
export type ExistingPolicy = (typeof existingPolicies)[number];
