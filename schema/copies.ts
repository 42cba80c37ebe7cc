/** Sources that hold another source's records, taken out of another tool's store: what is said of those holds for these. */
export const COPIES_OF: ReadonlyMap<string, string> = new Map([
  ['aws.cloudtrail-lake', 'aws.cloudtrail'],
  ['aws.cloudtrail-tailpipe', 'aws.cloudtrail'],
  ['aws.vpcflow-tailpipe', 'aws.vpcflow'],
  ['azure.activity-tailpipe', 'azure.activity'],
  ['gcp.audit-tailpipe', 'gcp.audit'],
]);

/** The source with the same records as their vendor delivers them; the source itself where it is that. */
export const originalOf = (source: string): string => COPIES_OF.get(source) ?? source;

/** The same facts for every source whose records they are. */
export const withCopies = <T>(bySource: Iterable<readonly [string, T]>): [string, T][] => {
  const facts = [...bySource];
  const own = new Map(facts);
  const copies = [...COPIES_OF].flatMap(([copy, original]): [string, T][] => {
    const fact = own.get(original);
    return fact === undefined || own.has(copy) ? [] : [[copy, fact]];
  });
  return [...facts.map(([source, fact]): [string, T] => [source, fact]), ...copies];
};
