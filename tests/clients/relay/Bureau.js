import { graphql } from 'relay-runtime';

// A row that is asked for anew by its id, through node.
graphql`
  fragment Bureau_row on Bureau @refetchable(queryName: "BureauRefetchQuery") {
    code
    nameJa
    nameEn
    successor {
      code
    }
  }
`;

graphql`
  query BureauNodeQuery($id: ID!) {
    node(id: $id) {
      __typename
      ...Bureau_row @alias(as: "row")
    }
  }
`;
