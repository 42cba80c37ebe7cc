/** How vendor names are compared: folded, never guessed. One rule per vendor, used for the table and for lookups alike. */

/** The columns of the action tables that hold vendor operation names. */
export const VENDORS = ['aws', 'azure', 'entra', 'gcp', 'k8s', 'linux'] as const;
export type Vendor = (typeof VENDORS)[number];

/** No vendor's operation or service name is longer; what attackers write beyond it is not read. */
export const LONGEST_NAME = 300;

const AWS_SUFFIX = '.amazonaws.com';

/** `ec2.amazonaws.com` → `ec2`; the China and ISO partitions write other endings after `.amazonaws.com`. */
export function awsService(service: string): string {
  const end = service.indexOf(AWS_SUFFIX);
  return end === -1 ? service : service.slice(0, end);
}

/**
 * The form in which an operation is looked up. Letter case carries no meaning in any vendor's operation names. Entra
 * texts vary in more: older records end them in a full stop, and dashes and runs of spaces differ between exports.
 */
export function foldOperation(vendor: Vendor, operation: string): string {
  const folded = operation.trim().toLowerCase();
  if (vendor !== 'entra') return folded;
  return folded
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/\s+/g, ' ')
    .replace(/ ?\.+$/, '');
}
