export {
  type FakeAgentEnd,
  type FakeAgentStep,
  type FakeCodingAgentOptions,
  type FakeGateCall,
  type FakeToolCall,
  FakeCodingAgent,
} from './fake-coding-agent.ts';
