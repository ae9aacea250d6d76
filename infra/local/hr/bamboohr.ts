import { createServer, type IncomingMessage } from 'node:http';
import { type Listening, listen, readBody } from '../lib/http.ts';

/** An employee's fields by their names at BambooHR, such as `homeEmail`. */
type Employee = Record<string, string>;

type Answer = { status: number; json?: unknown };

const EMPLOYEE = /^\/api\/gateway\.php\/[^/]+\/v1\/employees\/(\d+)\/?$/;
const MAX_BODY_BYTES = 16_384;

/**
 * As much of BambooHR as a lookup needs: one employee, by id.
 *
 * `GET /sandbox/employees` lists all of them, and `POST` of `{"id", …fields}` there adds one or
 * changes their fields, as somebody in the personnel department does.
 *
 * @param apiKey the user of HTTP Basic, with any password.
 * @param known an employee who has an address; employee 43 is there too, and has none yet.
 * @see https://documentation.bamboohr.com/reference/get-employee
 * @throws Node's EADDRINUSE error
 */
export async function startLocalBambooHr(
  port: number,
  apiKey: string,
  { id: knownId, ...known }: { id: string; homeEmail: string },
): Promise<Listening> {
  const employees = new Map<string, Employee>([
    [knownId, known],
    ['43', {}],
  ]);

  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const body = await readBody(request, MAX_BODY_BYTES);
    if (pathname === '/sandbox/employees') {
      if (request.method !== 'POST') return { status: 200, json: listOf(employees) };
      const employee = parseEmployee(body);
      if (!employee) return BAD_EMPLOYEE;
      const { id, ...fields } = employee;
      employees.set(id, { ...employees.get(id), ...fields });
      return { status: 200, json: { id, ...employees.get(id) } };
    }

    const [, id] = EMPLOYEE.exec(pathname) ?? [];
    if (id === undefined || request.method !== 'GET') return { status: 404 };
    if (userOf(request) !== apiKey) return { status: 401 };
    const employee = employees.get(id);
    if (!employee) return { status: 404 };
    const wanted = (searchParams.get('fields') ?? '').split(',');
    const fields = wanted.filter((name) => Object.hasOwn(employee, name));
    const values = Object.fromEntries(fields.map((name) => [name, employee[name]]));
    return { status: 200, json: { id, ...values } };
  };

  const server = createServer((request, response) => {
    answer(request).then(
      ({ status, json }) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(json && `${JSON.stringify(json)}\n`);
      },
      () => response.destroy(), // the client left in the middle of its request
    );
  });
  return listen(server, port);
}

const BAD_EMPLOYEE: Answer = {
  status: 400,
  json: { error: 'one employee as JSON, all values text, such as {"id":"43","homeEmail":"…"}' },
};

const listOf = (employees: Map<string, Employee>) =>
  [...employees].map(([id, fields]) => ({ id, ...fields }));

/** @returns undefined for anything but an object of texts whose id is a number. */
const parseEmployee = (body: Buffer | undefined): { id: string } | undefined => {
  let employee: unknown;
  try {
    employee = JSON.parse(body?.toString() ?? '');
  } catch {
    return undefined;
  }
  if (typeof employee !== 'object' || employee === null) return undefined;
  if (!Object.values(employee).every((value) => typeof value === 'string')) return undefined;
  return 'id' in employee && /^\d+$/.test(String(employee.id))
    ? (employee as { id: string })
    : undefined;
};

const userOf = ({ headers }: IncomingMessage): string | undefined => {
  const [, credential = ''] = /^Basic (.+)$/i.exec(headers.authorization ?? '') ?? [];
  return Buffer.from(credential, 'base64').toString().split(':')[0];
};
