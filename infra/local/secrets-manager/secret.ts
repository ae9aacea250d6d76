import { randomBytes, randomUUID } from 'node:crypto';
import { AwsError } from '../lib/aws-service.ts';
import type { SecretModel } from './secret-model.ts';

export type SecretValue = { SecretString: string } | { SecretBinary: string };

export type SecretVersion = {
  id: string;
  value: SecretValue;
  /** Seconds since 1970, as the JSON protocols write a timestamp. */
  createdAt: number;
  stages: Set<string>;
};

/**
 * One secret with its versions. It begins with a random string, as on AWS until somebody puts a
 * value in.
 * Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html
 */
export class Secret {
  readonly name: string;
  readonly arn: string;
  readonly #versions: SecretVersion[] = [];

  constructor({ name, arn }: SecretModel) {
    this.name = name;
    this.arn = arn;
    this.put({ SecretString: randomBytes(24).toString('base64') });
  }

  /** By name, complete ARN, or ARN without the six random characters at its end. */
  isCalled(id: string): boolean {
    return id === this.name || id === this.arn || id === this.arn.replace(/-[^-]{6}$/, '');
  }

  /**
   * Makes a new version the current one, and the current one the previous.
   * @param token the same token with the same value is the same request, repeated
   * @throws AwsError ResourceExistsException for the same token with another value
   */
  put(value: SecretValue, token: string = randomUUID()): SecretVersion {
    const existing = this.#versions.find(({ id }) => id === token);
    if (existing) {
      if (JSON.stringify(existing.value) === JSON.stringify(value)) return existing;
      throw new AwsError(
        'ResourceExistsException',
        'A version with this ClientRequestToken exists and has another value.',
      );
    }
    const current = this.#versions.find(({ stages }) => stages.has('AWSCURRENT'));
    for (const { stages } of this.#versions) stages.clear();
    current?.stages.add('AWSPREVIOUS');
    const stages = new Set(['AWSCURRENT']);
    const version = { id: token, value, createdAt: Date.now() / 1000, stages };
    this.#versions.push(version);
    return version;
  }

  /**
   * @param wanted a version's id, a stage's name, or both; neither is AWSCURRENT
   * @throws AwsError ResourceNotFoundException
   */
  version({ id, stage = id ? undefined : 'AWSCURRENT' }: { id?: string; stage?: string }) {
    const version = this.#versions.find(
      (one) => (!id || one.id === id) && (!stage || one.stages.has(stage)),
    );
    if (version) return version;
    throw new AwsError(
      'ResourceNotFoundException',
      `Secrets Manager can't find the specified secret value for ${id ? `VersionId: ${id}` : `staging label: ${stage}`}`,
    );
  }

  /** What DescribeSecret and ListSecrets tell: no value. */
  describe() {
    const staged = this.#versions.filter(({ stages }) => stages.size > 0);
    return {
      ARN: this.arn,
      Name: this.name,
      CreatedDate: this.#versions[0]?.createdAt,
      LastChangedDate: this.#versions.at(-1)?.createdAt,
      VersionIdsToStages: Object.fromEntries(staged.map(({ id, stages }) => [id, [...stages]])),
    };
  }
}
