/** Node and the runtime client, and nothing else. */
export const handler = async (): Promise<object> => ({ statusCode: 201, body: '{}' });
