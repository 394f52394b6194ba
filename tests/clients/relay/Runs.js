import { graphql } from 'relay-runtime';

graphql`
  query RunsQuery($count: Int!) {
    ...Runs_list @arguments(count: $count)
  }
`;

graphql`
  fragment Runs_list on Query
  @argumentDefinitions(count: { type: "Int", defaultValue: 5 }, cursor: { type: "String" })
  @refetchable(queryName: "RunsPageQuery") {
    jobRuns(filter: { job: MONTHLY_INDICATORS }, first: $count, after: $cursor) @connection(key: "Runs_jobRuns") {
      edges {
        node {
          id
          job
          state
        }
      }
    }
  }
`;

graphql`
  mutation RunsTriggerMutation($input: TriggerJobInput!, $connections: [ID!]!) {
    triggerJob(input: $input) {
      run @prependNode(connections: $connections, edgeTypeName: "JobRunEdge") {
        id
        job
        state
      }
    }
  }
`;

graphql`
  subscription RunsFollowSubscription($id: ID!) {
    jobRun(id: $id) {
      run {
        id
        state
      }
    }
  }
`;
