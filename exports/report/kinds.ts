/** The reports there are. */

import type { ReportKind } from './kind.ts';
import { PCI } from './standards/pci.ts';
import { standardReport } from './standards/standard-report.ts';

export const reportKinds: readonly ReportKind[] = [standardReport(PCI)];
