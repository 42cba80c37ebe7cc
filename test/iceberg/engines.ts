/** Engines that are not ours, in a Python environment of their own under node_modules/.cache. */

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TableSaid } from './rows.ts';

/** Pinned: what reads today must read tomorrow. */
const PYICEBERG = ['pyiceberg==0.12.0', 'pyarrow==26.0.1'];
const SPARK = ['pyspark==3.5.6'];
const SPARK_RUNTIME = { artifact: 'org.apache.iceberg:iceberg-spark-runtime-3.5_2.12:1.10.0' };

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const CACHE = path('../../node_modules/.cache/');
const run = promisify(execFile);

export interface Request {
  /** URI of each table's metadata. */
  readonly tables: Readonly<Record<string, string>>;
  readonly questions: readonly { readonly table: string; readonly where: string }[];
}

export interface Answer {
  readonly tables: Readonly<Record<string, TableSaid>>;
  /** Rows that each question finds, and data files that were planned for it, where the engine tells. */
  readonly counts: readonly { readonly rows: number; readonly files?: number }[];
}

/** An engine ready to read; it is given the path of a request. */
export interface Engine {
  readonly name: string;
  read(request: string): Promise<Answer>;
}

/** Makes what is missing once. Throws where PyPI cannot be reached. */
export async function pyIceberg(): Promise<Engine> {
  const python = await pythonWith('python-iceberg', PYICEBERG);
  return { name: PYICEBERG[0]!, read: (request) => answerOf(python, 'read_pyiceberg.py', request) };
}

/** Runs Python code with PyIceberg in a folder, and returns what it prints. */
export async function runPython(code: string, cwd: string): Promise<string> {
  const { stdout } = await run(await pythonWith('python-iceberg', PYICEBERG), ['-c', code], { cwd });
  return stdout;
}

/** Null, with the reason on stderr, where there is no Java or its packages cannot be had. */
export async function spark(): Promise<Engine | null> {
  try {
    await run('java', ['-version']);
    const python = await pythonWith('python-spark', SPARK);
    const jar = await sparkRuntime();
    return { name: SPARK[0]!, read: (request) => answerOf(python, 'read_spark.py', request, jar) };
  } catch (error) {
    process.stderr.write(`Spark is left out: ${String(error).split('\n')[0]}\n`);
    return null;
  }
}

async function pythonWith(folder: string, packages: readonly string[]): Promise<string> {
  const { stdout } = await run(path('../slow/python.sh'), [`${CACHE}${folder}`, ...packages]);
  return stdout.trim();
}

/** Iceberg's own reader for Spark, from Maven. */
async function sparkRuntime(): Promise<string> {
  const [group, name, version] = SPARK_RUNTIME.artifact.split(':');
  const jar = `${CACHE}${name}-${version}.jar`;
  if (!existsSync(jar)) {
    const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy';
    await run('mvn', ['-q', goal, `-Dartifact=${group}:${name}:${version}`, `-DoutputDirectory=${CACHE}`]);
  }
  return jar;
}

async function answerOf(python: string, script: string, ...words: readonly string[]): Promise<Answer> {
  const { stdout } = await run(python, [path(script), ...words], { maxBuffer: 2 ** 28 });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Answer;
}
