// Text, not modules: the bundler goes by the attribute, the tests' runner by the query.
declare module '*?raw' {
  const text: string;
  export default text;
}
