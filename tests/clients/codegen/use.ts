// What a dashboard written in TypeScript does with the types: all of it is checked, strictly.
import { useFragment, type FragmentType } from './made/fragment-masking';
import {
  BureauShiftsDocument,
  DashboardSeriesDocument,
  ReceiptWordsFragmentDoc,
  ValueCellFragmentDoc,
  type BureauShiftsMutation,
  type BureauShiftsMutationVariables,
  type DashboardSeriesQuery,
  type DashboardSeriesQueryVariables,
} from './made/graphql';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';

declare function ask<R, V>(document: TypedDocumentNode<R, V>, variables: V): R;

const variables: DashboardSeriesQueryVariables = { codes: ['MEAN_OVERTIME_HOURS'], from: '2019-04', to: '2019-06' };
const answer: DashboardSeriesQuery = ask(DashboardSeriesDocument, variables);

export function cell(given: FragmentType<typeof ValueCellFragmentDoc>): string {
  const value = useFragment(ValueCellFragmentDoc, given);
  const numerator: number | null | undefined = value.numerator;
  return value.status === 'WITHHELD' ? '…' : `${value.value ?? '-'} (${numerator ?? '-'})`;
}

export const cells: string[] = (answer.indicatorSeries ?? []).flatMap((series) => series.values.map(cell));

const shifts: BureauShiftsMutationVariables = {
  key: 'k',
  mode: 'ACCEPT_VALID',
  dryRun: true,
  records: [{ externalId: '1', staffNumber: 'D00001', date: '2019-06-03', dayKind: 'WORKDAY', presence: { start: '2019-06-03T09:00:00+09:00', end: '2019-06-03T18:00:00+09:00' } }],
};
const recorded: BureauShiftsMutation = ask(BureauShiftsDocument, shifts);
export const created: number | undefined = useFragment(ReceiptWordsFragmentDoc, recorded.recordShifts?.receipt)?.created;

// @ts-expect-error There is no such mode.
export const mode: BureauShiftsMutationVariables['mode'] = 'ACCEPT';

// @ts-expect-error A month is no number.
export const wrong: DashboardSeriesQueryVariables = { codes: [], from: 201904, to: '2019-06' };
