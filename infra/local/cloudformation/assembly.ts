import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LOCAL_ACCOUNT, LOCAL_REGION } from '../lib/account.ts';
import { inside, NotUnderstood, type Place } from '../lib/not-understood.ts';
import { type Identity, identify } from './identity.ts';
import { resolveIntrinsics, type Scope } from './intrinsics.ts';
import { checkUnderstood } from './resource-types.ts';

/** One resource as it exists on this machine: its names, and its properties without intrinsics. */
export type Resource = Identity & {
  place: Place;
  metadata: unknown;
  // biome-ignore lint/suspicious/noExplicitAny: a template is CloudFormation's JSON; the readers of a type check what they take.
  properties: Record<string, any>;
};

/** A synthesized stack on this machine. */
export type Assembly = {
  ofType: (type: string) => Resource[];
  /** The stack's outputs by name, without intrinsics. */
  outputs: Readonly<Record<string, string>>;
  /** The directory of a file asset, by the object key that the template names. */
  assetDirectory: (objectKey: string, place: Place) => string;
};

/** Parameters, Mappings and Conditions stop the start where a resource refers to them. */
const SECTIONS = [
  'AWSTemplateFormatVersion',
  'Conditions',
  'Description',
  'Mappings',
  'Metadata',
  'Outputs',
  'Parameters',
  'Resources',
  'Rules',
];

/**
 * What a resource has in addition to its properties. All but the first two matter to a deployment
 * only.
 */
const RESOURCE_KEYS = [
  'Type',
  'Properties',
  'Metadata',
  'DependsOn',
  'DeletionPolicy',
  'UpdateReplacePolicy',
];

type RawResource = { Type: string; Properties?: object; Metadata?: unknown };

/**
 * Reads a stack of a CDK cloud assembly and gives each resource its local identity.
 * @param directory the assembly, usually `cdk.out`
 * @throws NotUnderstood for anything that the local run would have to ignore; Error for a missing file
 */
export function readAssembly(directory: string, stackName: string): Assembly {
  const template = readJson(directory, `${stackName}.template.json`);
  const stack = { logicalId: stackName, type: 'the template', path: '' };
  for (const section of Object.keys(template)) {
    if (!SECTIONS.includes(section))
      throw new NotUnderstood(stack, `the section ${section} is not understood`);
  }

  const raw = Object.entries((template.Resources ?? {}) as Record<string, RawResource>)
    // Only reports to AWS which versions of CDK are in use.
    .filter(([, { Type }]) => Type !== 'AWS::CDK::Metadata');
  const identities = new Map<string, Identity>();
  for (const [logicalId, resource] of raw) {
    const place = { logicalId, type: resource.Type, path: '' };
    const unknown = Object.keys(resource).find((key) => !RESOURCE_KEYS.includes(key));
    if (unknown)
      throw new NotUnderstood(inside(place, unknown), 'this part of a resource is not understood');
    const identity = identify(resource.Metadata, resource.Properties ?? {}, place, identities);
    identities.set(logicalId, identity);
  }

  const scope = scopeOf(stackName, identities);
  const resources = raw.map(([logicalId, { Type, Properties = {}, Metadata }]): Resource => {
    const place = { logicalId, type: Type, path: 'Properties' };
    const properties = resolveIntrinsics(Properties, scope, place) as Resource['properties'];
    checkUnderstood(properties, place);
    return { ...(identities.get(logicalId) as Identity), place, metadata: Metadata, properties };
  });

  const outputs = Object.entries(
    (template.Outputs ?? {}) as Record<string, { Value: unknown }>,
  ).map(([name, { Value }]) => {
    const place = { logicalId: name, type: 'an output', path: 'Value' };
    return [name, String(resolveIntrinsics(Value, scope, place))] as const;
  });

  return {
    outputs: Object.fromEntries(outputs),
    ofType: (type) => resources.filter(({ place }) => place.type === type),
    assetDirectory: assetFinder(directory, stackName),
  };
}

function scopeOf(stackName: string, identities: Map<string, Identity>): Scope {
  const pseudoParameters: Record<string, string> = {
    'AWS::AccountId': LOCAL_ACCOUNT,
    'AWS::Partition': 'aws',
    'AWS::Region': LOCAL_REGION,
    'AWS::StackName': stackName,
    'AWS::URLSuffix': 'amazonaws.com',
  };
  return {
    ref: (name) => pseudoParameters[name] ?? identities.get(name)?.ref,
    attribute: (logicalId, name) => identities.get(logicalId)?.attributes[name],
  };
}

type AssetManifest = {
  files: Record<string, { source: { path: string }; destinations: Record<string, Destination> }>;
};
type Destination = { objectKey: string };

function assetFinder(directory: string, stackName: string): Assembly['assetDirectory'] {
  const manifest = readJson(directory, `${stackName}.assets.json`) as unknown as AssetManifest;
  return (objectKey, place) => {
    const asset = Object.values(manifest.files).find(({ destinations }) =>
      Object.values(destinations).some((destination) => destination.objectKey === objectKey),
    );
    const path = asset && resolve(directory, asset.source.path);
    if (!path || !existsSync(path)) {
      throw new NotUnderstood(
        place,
        `${objectKey}, of which the assembly has no directory`,
        'Synthesize again, with bundling.',
      );
    }
    return path;
  };
}

function readJson(directory: string, file: string): Record<string, unknown> {
  const path = join(directory, file);
  if (!existsSync(path)) {
    throw new Error(`${path} does not exist: synthesize the stack first (npx cdk synth).`);
  }
  return JSON.parse(readFileSync(path, 'utf8'));
}
