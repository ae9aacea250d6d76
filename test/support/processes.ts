import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';

/** @returns the ids of all processes that descend from this one, whatever group they are in. */
export const descendants = (pid: number): number[] => {
  const children = Map.groupBy(processTable(), ({ parent }) => parent);
  const below = (id: number): number[] =>
    (children.get(id) ?? []).flatMap((child) => [child.pid, ...below(child.pid)]);
  return below(pid);
};

/** Whether a process with this id runs: one that has ended but was not yet reaped does not. */
export const isAlive = (pid: number): boolean => {
  if (existsSync('/proc/self/stat')) return processTable().some((entry) => entry.pid === pid);
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** @returns ports on which nothing listens at the moment. */
export const freePorts = async (count: number): Promise<number[]> => {
  const servers = Array.from({ length: count }, () => createServer());
  await Promise.all(
    servers.map((server) => new Promise<void>((done) => server.listen(0, '127.0.0.1', done))),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
};

/** From Linux's own files where there are some: not every machine has `ps`. */
const processTable = (): { pid: number; parent: number }[] => {
  if (!existsSync('/proc/self/stat')) {
    const lines = execFileSync('ps', ['-axo', 'pid=,ppid=']).toString().trim().split('\n');
    return lines.map((line) => {
      const [pid = 0, parent = 0] = line.trim().split(/\s+/).map(Number);
      return { pid, parent };
    });
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        if (state === 'Z') return [];
        return [{ pid: Number(name), parent: Number(parent) }];
      } catch {
        return []; // it has ended meanwhile
      }
    });
};
