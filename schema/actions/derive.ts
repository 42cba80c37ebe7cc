import { awsService, LONGEST_NAME } from './fold.ts';
import type { ResolvedAction } from './resolve.ts';
import { actionVerbs, type Verb } from './verbs.ts';
import { segment, wordsOf } from './words.ts';

/**
 * The rule for operations no table names. It reads the name alone, so the same name gives the same action for ever:
 *
 * - *domain*: the service (`ec2.amazonaws.com` → ec2, `Microsoft.Compute` → compute, `compute.googleapis.com` →
 *   compute), or what the operation itself names when the record gives no service; `host` for what a program of a host
 *   writes, `web` for a request to a web server; the source where nothing is named.
 * - *verb*: the first, else the last word of the operation that stands in `rules/verbs.csv`, normalised to its verb
 *   (`insert` → create); `other` when neither does. A message of no known kind is `notify`. Of a web request it is the
 *   method's: GET and HEAD `get`, POST `write`, PUT `put`, PATCH `update`, DELETE `delete`, CONNECT `connect`, any other
 *   `other`.
 * - *object*: the remaining words in snake_case; `api` when none remain. Of a program it begins with the program's name, of
 *   a web request it is `request`, and of a record that names no operation `record`.
 *
 * `ec2:DescribeInstances` → `ec2.instances.describe`, `Microsoft.Foo/bars/baz/write` → `foo.bars_baz.write`,
 * `v1.compute.disks.insert` → `compute.disks.create`, `chronyd:message` → `host.chronyd.notify`, `GET` in an access log →
 * `web.request.get`, a line of unknown text → `generic_text.record.other`.
 */

interface Parts {
  readonly domain: readonly string[];
  /** Words of the operation; verb and object are not yet told apart, unless `verb` is there. */
  readonly words: readonly string[];
  readonly verb?: string;
}

/** Lambda and CloudFront end event names in the API version: `CreateFunction20150331v2`, `GetDistribution2020_05_31`. */
const AWS_VERSION = /_?20\d\d_?\d\d_?\d\d(v\d+)?$/;

function awsParts(service: string, operation: string): Parts {
  return {
    domain: wordsOf(awsService(service.toLowerCase())),
    words: wordsOf(operation.replace(AWS_VERSION, '')),
  };
}

/**
 * `Microsoft.Compute/virtualMachines/start/action`: the word before `action` is the verb. Records write the same
 * operation in several casings, so casing splits no words here.
 */
function azureParts(service: string, operation: string): Parts {
  const [provider = '', ...rest] = operation.toLowerCase().split('/');
  const named = rest.length === 0 ? service.toLowerCase() : provider;
  const domain = wordsOf(named.replace(/^microsoft\./, ''));
  if (rest.length === 0) return { domain, words: wordsOf(operation) };
  if (rest.at(-1) === 'action' && rest.length > 1) rest.pop();
  const last = wordsOf(rest.pop() ?? '');
  // Azure writes the verb at the end; turned to the front, it is found like any other vendor's.
  return { domain, words: [...last, ...rest.flatMap(wordsOf)] };
}

const GCP_SERVICE = '.googleapis.com';
const GCP_NOISE = /^(google|cloud|devtools|admin|v\d+((alpha|beta|p)\d*)*|alpha|beta|io)$/;

/** `google.cloud.foo.v1.FooService.CreateBar`: the last part is the method; with no object in it, the part before helps. */
function gcpParts(service: string, operation: string): Parts {
  const parts = operation.split(/[./]/).filter((part) => part !== '' && !GCP_NOISE.test(part.toLowerCase()));
  const method = wordsOf(parts.pop() ?? '');
  const named = service.endsWith(GCP_SERVICE) ? service.slice(0, -GCP_SERVICE.length) : service;
  const domain = named === '' ? wordsOf(parts.shift() ?? '') : wordsOf(named);
  const holder = method.length > 1 ? [] : wordsOf(parts.pop() ?? '');
  return { domain, words: [...method, ...holder] };
}

/** `create pods/exec`, or as GKE writes it `io.k8s.core.v1.pods.exec.create`: there the verb comes last. */
function k8sParts(operation: string): Parts {
  const gke = /^io\.k8s\.[\w.]*?v\d\w*\.([\w.]+)$/i.exec(operation);
  if (!gke) return { domain: ['k8s'], words: wordsOf(operation) };
  const parts = gke[1]!.split('.');
  return { domain: ['k8s'], words: [parts.pop()!, ...parts].flatMap(wordsOf) };
}

/** `sshd:session_opened`: program and event. */
function linuxParts(service: string, operation: string): Parts {
  const colon = operation.indexOf(':');
  const program = wordsOf(colon === -1 ? service : operation.slice(0, colon));
  const said = operation.slice(colon + 1);
  if (said === 'message' || said === 'repeated') return { domain: ['host'], words: program, verb: 'notify' };
  const { verb, object } = takeVerb(wordsOf(said));
  return { domain: ['host'], words: [...program, ...object], verb: verb.verb };
}

/** Methods of HTTP, as an access log's operation. https://www.rfc-editor.org/rfc/rfc9110#section-9 */
const METHODS: ReadonlyMap<string, string> = new Map([
  ['GET', 'get'],
  ['HEAD', 'get'],
  ['POST', 'write'],
  ['PUT', 'put'],
  ['PATCH', 'update'],
  ['DELETE', 'delete'],
  ['CONNECT', 'connect'],
  ['OPTIONS', 'other'],
  ['TRACE', 'other'],
]);

/** Logs of unknown make: `GET` of an access log, `REST.GET.OBJECT` of S3's, and whatever else names an operation. */
function genericParts(service: string, operation: string): Parts {
  const verb = METHODS.get(operation.toUpperCase());
  if (verb !== undefined) return { domain: ['web'], words: ['request'], verb };
  return awsParts(service, operation.replace(/^(?:REST|SOAP|WEBSITE|BATCH)\./, ''));
}

function partsOf(source: string, service: string, operation: string): Parts {
  if (source === 'azure.audit' || source === 'azure.signin') {
    if (!operation.includes('/')) return { domain: ['entra'], words: wordsOf(operation.toLowerCase()) };
    return azureParts(service, operation);
  }
  if (source === 'k8s.audit' || operation.startsWith('io.k8s.')) return k8sParts(operation);
  if (source.startsWith('linux.')) return linuxParts(service, operation);
  if (source.startsWith('gcp.') || service.endsWith(GCP_SERVICE)) return gcpParts(service, operation);
  if (source.startsWith('azure.') || /^microsoft\./i.test(operation)) return azureParts(service, operation);
  if (source.startsWith('generic.')) return genericParts(service, operation);
  return awsParts(service, operation);
}

/** Takes the verb out of the words: the first if it is one, else the last. */
function takeVerb(words: readonly string[]): { verb: Verb; object: readonly string[] } {
  const { byWord, closed } = actionVerbs();
  const first = byWord.get(words[0] ?? '');
  if (first) return { verb: first, object: words.slice(1) };
  const last = byWord.get(words.at(-1) ?? '');
  if (last) return { verb: last, object: words.slice(0, -1) };
  return { verb: closed.get('other')!, object: words };
}

/** Segment lengths that keep the whole within 120 characters: 40 + 1 + 60 + 1 + the longest verb. */
const LONGEST_DOMAIN = 40;
const LONGEST_OBJECT = 60;

/** A derived action for any operation of any source. Total and deterministic; see the rule above. */
export function deriveAction(source: string, service: string, operation: string): ResolvedAction {
  const parts = partsOf(source, service.slice(0, LONGEST_NAME), operation.slice(0, LONGEST_NAME));
  const { domain, words } = parts;
  const known = parts.verb === undefined ? undefined : actionVerbs().closed.get(parts.verb);
  const { verb, object } = known === undefined ? takeVerb(words) : { verb: known, object: words };
  const fallback = segment(wordsOf(source), 'unknown', LONGEST_DOMAIN);
  const nameless = operation.trim() === '' ? 'record' : 'api';
  const action = `${segment(domain, fallback, LONGEST_DOMAIN)}.${segment(object, nameless, LONGEST_OBJECT)}.${verb.verb}`;
  const common = { action, derived: true, access: verb.access, attack: [] };

  // A host's text line is no call to an API: its connector knows the class, the name does not.
  if (source.startsWith('linux.') || source === 'aws.ssmsession')
    return { ...common, class: null, activity: null };
  if (source === 'azure.signin') {
    return { ...common, access: 'auth', class: 'Authentication', activity: 'Logon' };
  }
  return { ...common, class: 'API Activity', activity: verb.activity };
}
