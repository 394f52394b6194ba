import { graphql } from 'relay-runtime';

graphql`
  query SeriesQuery($codes: [IndicatorCode!]!, $from: YearMonth!, $to: YearMonth!) {
    indicatorSeries(codes: $codes, by: [BUREAU], from: $from, to: $to) {
      bureau
      ...Series_line
    }
  }
`;

graphql`
  fragment Series_line on IndicatorSeries {
    indicator {
      code
      nameJa
      unit
    }
    values {
      id
      month
      status
      value
    }
  }
`;
