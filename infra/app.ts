import { ConfigError } from './config/error.ts';
import { synthesize } from './synth.ts';

try {
  const { isWatched } = synthesize({ outdir: process.env.CDK_OUTDIR ?? 'cdk.out' });
  if (!isWatched) {
    console.error(
      'slackConnectInvites.observability is not set: nobody will be woken when somebody is harmed (docs/configuration.md)',
    );
  }
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  // Exit now: at the end of the process, the CDK would synthesize the app that is left, an empty one.
  process.exit(1);
}
