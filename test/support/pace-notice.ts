import type { Reporter, TestModule } from 'vitest/node';

/** Says why nothing seems to happen when the tests begin that have the machine to themselves. */
export const paceNotice = (): Reporter => {
  let told = false;
  return {
    onTestModuleStart({ project }: TestModule) {
      if (told || project.name !== 'pace') return;
      told = true;
      console.log(
        '\n Waiting for the tests that measure a pace: one after the other, a minute in all.\n',
      );
    },
  };
};
