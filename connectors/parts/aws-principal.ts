/** Who an ARN of IAM or STS names. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html */

export interface AwsPrincipal {
  readonly account: string;
  readonly type: 'root' | 'human' | 'role_session' | 'unknown';
  /** User, or role. */
  readonly name: string;
  /** Who asked for the role's or federated user's session. */
  readonly session: string | null;
}

const PRINCIPAL = /^arn:aws[a-z-]*:(?:iam|sts)::(\d{12}):([a-z-]+)(?:\/(.+))?$/;

/** Null for anything that is no ARN of a user, role, session or account. */
export function awsPrincipal(arn: string | null): AwsPrincipal | null {
  const match = arn === null || arn.length > 2048 ? null : PRINCIPAL.exec(arn);
  if (match === null) return null;
  const [, account, kind, path = ''] = match;
  const last = path.slice(path.lastIndexOf('/') + 1);
  switch (kind) {
    case 'root':
      return { account: account!, type: 'root', name: 'root', session: null };
    case 'user':
      return { account: account!, type: 'human', name: last, session: null };
    case 'assumed-role': {
      const role = path.slice(0, Math.max(0, path.lastIndexOf('/')));
      return {
        account: account!,
        type: 'role_session',
        name: role.slice(role.lastIndexOf('/') + 1) || last,
        session: last,
      };
    }
    case 'federated-user':
      return { account: account!, type: 'role_session', name: last, session: last };
    case 'role':
      return { account: account!, type: 'role_session', name: last, session: null };
    default:
      return { account: account!, type: 'unknown', name: last || kind!, session: null };
  }
}

/** What a responder would call it. */
export function principalName({ name, session }: AwsPrincipal): string {
  return session !== null && isPersonSession(name, session) ? session : name;
}

/** People come in through IAM Identity Center's own roles, or under their mail address; the role then names nobody. */
export function isPersonSession(role: string | null, session: string): boolean {
  if (role?.startsWith('AWSReservedSSO_') === true) return true;
  // STS allows 64 characters; the bound keeps the pattern cheap on anything else.
  return session.length <= 256 && /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(session);
}
