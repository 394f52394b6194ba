import { graphql } from 'relay-runtime';

// A list that is turned page by page, and asked for anew with other arguments.
graphql`
  query BureausQuery($count: Int!) {
    ...Bureaus_list @arguments(count: $count)
  }
`;

graphql`
  fragment Bureaus_list on Query
  @argumentDefinitions(count: { type: "Int", defaultValue: 5 }, cursor: { type: "String" }, filter: { type: "BureauFilter", defaultValue: {} })
  @refetchable(queryName: "BureausPageQuery") {
    bureaus(first: $count, after: $cursor, filter: $filter) @connection(key: "Bureaus_bureaus", filters: ["filter"]) {
      edges {
        node {
          id
          ...Bureau_row
        }
      }
      totalCount
    }
  }
`;
