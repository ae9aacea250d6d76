import { join, resolve } from 'node:path';
import { Annotations, App, type IPolicyValidationPlugin, Validations } from 'aws-cdk-lib';
import { LEAST_SECRET_BYTES } from '../functions/webhooks/signatures.ts';
import { cdkJsonContext } from './config/cdk-json.ts';
import { loadConfig } from './config/load.ts';
import { checkPlacement, type Placement, placementOf } from './config/placement.ts';
import { hasSources } from './config/schema.ts';
import { sourceWarnings } from './config/sources-warnings.ts';
import { InvitesStack } from './stack.ts';

export interface SynthesisOptions {
  /** Where the cloud assembly goes: the template, and the functions' code next to it. */
  outdir: string;
  /** As from `-c key=value`: flat keys, values as text. Overrides cdk.json. */
  context?: Record<string, unknown>;
  /** Without bundling, only the code's location in the template differs, and it takes a fifth of the time. */
  bundling?: boolean;
  /** Rule packs that check the stack. A finding ends the synthesis. */
  validations?: IPolicyValidationPlugin[];
  /** Where the stack goes; by default, as the CDK CLI tells it. */
  placement?: Placement;
}

export interface Synthesis {
  stackName: string;
  /** Absolute path of the template. */
  templateFile: string;
  /** Absolute path of the cloud assembly. */
  directory: string;
  /** Whether alarms tell somebody. */
  isWatched: boolean;
}

/**
 * Makes the stack's cloud assembly, with the same code for `cdk`, the local run and the tests. It needs
 * neither credentials nor Docker.
 *
 * @throws {ConfigError} when the configuration is wrong
 */
export function synthesize(options: SynthesisOptions): Synthesis {
  const app = new App({
    outdir: resolve(options.outdir),
    context: {
      ...cdkJsonContext(),
      // The CDK CLI sets these by default. The local run finds each function and its code by them.
      'aws:cdk:enable-path-metadata': true,
      'aws:cdk:enable-asset-metadata': true,
      ...(options.bundling === false && { 'aws:cdk:bundling-stacks': [] }),
      ...options.context,
    },
  });
  const config = loadConfig(app.node.getAllContext());
  const warnings = checkPlacement(config, options.placement ?? placementOf(process.env));
  const stack = new InvitesStack(app, config);
  for (const [index, warning] of warnings.entries()) {
    Annotations.of(stack).addWarningV2(`slack-connect-invites:placement-${index}`, warning);
  }
  for (const { path, message } of sourceWarnings(config.sources)) {
    Annotations.of(stack).addWarningV2(`slack-connect-invites:${path}`, `${path}: ${message}`);
  }
  if (hasSources(config)) {
    Annotations.of(stack).addInfoV2(
      'slack-connect-invites:secret-length',
      `slackConnectInvites.sources: a signing secret shorter than ${LEAST_SECRET_BYTES} bytes after trimming counts as none, and its source refuses every delivery (docs/webhooks.md)`,
    );
  }
  Validations.of(app).addPlugins(...(options.validations ?? []));
  const { directory } = app.synth();
  return {
    stackName: stack.stackName,
    templateFile: join(directory, stack.templateFile),
    directory,
    isWatched: config.observability !== undefined,
  };
}
