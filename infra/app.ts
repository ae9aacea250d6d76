import { ConfigError } from './config/error.ts';
import { synthesize } from './synth.ts';

try {
  synthesize({ outdir: process.env.CDK_OUTDIR ?? 'cdk.out' });
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  // At once: under the CDK CLI, an app left behind would synthesize itself, empty, at the end.
  process.exit(1);
}
