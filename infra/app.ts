import { ConfigError } from './config/error.ts';
import { synthesize } from './synth.ts';

try {
  synthesize({ outdir: process.env.CDK_OUTDIR ?? 'cdk.out' });
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  // Exit now: at the end of the process, the CDK would synthesize the app that is left, an empty one.
  process.exit(1);
}
