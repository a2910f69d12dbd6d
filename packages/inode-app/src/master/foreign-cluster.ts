/** What a member says that asked another cluster than its own at these addresses. */
export function foreignClusterText(
  addresses: readonly string[],
  otherId: string,
  clusterId: string,
): string {
  return (
    `asked ${addresses.join(', ')}, which is the cluster "${otherId}", and this member is of "${clusterId}": it takes ` +
    `no part there. Start it with --cluster-id ${otherId} and an empty directory, or with addresses of members of ` +
    `"${clusterId}"`
  );
}
