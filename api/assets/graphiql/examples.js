// What each role may try first: a tab each. tests/clients sends them to a demo by a token of their role.
'use strict';

const EXAMPLES = [
  {
    role: 'public',
    query: `# Anybody: what is published.
# Ctrl-Enter runs, Ctrl-Space completes;
# the book at the left is the documentation.
query Published {
  releases(first: 5) {
    nodes { fiscalYear version publishedAt url }
  }
}
`,
  },
  {
    role: 'viewer',
    query: `# A viewer, such as a dashboard: figures of all bureaus,
# protected where somebody could be told from them.
query Figures($from: YearMonth!, $to: YearMonth!) {
  indicatorSeries(codes: ["MEAN_OVERTIME_HOURS", "WOMEN_STAFF"], by: [BUREAU], from: $from, to: $to) {
    bureau
    indicator { nameJa unit }
    values { month status value }
  }
}
`,
    variables: { from: '2019-04', to: '2019-06' },
  },
  {
    role: 'staff',
    query: `# A member of staff: their own days.
query MyShifts($from: Date!, $to: Date!) {
  viewer { staffNumber roles }
  shifts(filter: { from: $from, to: $to }, first: 31) {
    nodes { date presence { start end } workedMinutes overtimeMinutes }
  }
}
`,
    variables: { from: '2019-06-01', to: '2019-06-30' },
  },
  {
    role: 'manager',
    query: `# A manager: a month of the people of their units.
query MyUnits($month: YearMonth!) {
  personMonths(month: $month, first: 50) {
    nodes { staffNumber overtimeMinutes teleworkDays annualLeaveMinutes }
  }
}
`,
    variables: { month: '2019-06' },
  },
  {
    role: 'bureau_officer',
    query: `# A bureau's officer: how complete a month is,
# and what was flagged in it.
query MyBureau($month: YearMonth!) {
  monthCompleteness(month: $month) {
    bureau { code }
    people withRecord withoutRecord percent
  }
  overtimeOutliers(filter: { month: $month }, first: 10) {
    nodes { kind severity review sentence(language: EN) reviewBy }
    totalCount
  }
}
`,
    variables: { month: '2019-06' },
  },
  {
    role: 'bureau_system',
    query: `# A bureau's system: what a call would do,
# without doing it.
mutation TryShifts($records: [ShiftInput!]!) {
  recordShifts(input: { idempotencyKey: "graphiql-1", mode: ACCEPT_VALID, dryRun: true, records: $records }) {
    receipt { created updated unchanged rejected rejections { index field code message } }
  }
}
`,
    variables: {
      records: [
        {
          externalId: 'graphiql/2019-06-03',
          staffNumber: 'D00001',
          date: '2019-06-03',
          dayKind: 'WORKDAY',
          presence: { start: '2019-06-03T09:00:00+09:00', end: '2019-06-03T18:30:00+09:00' },
        },
      ],
    },
  },
  {
    role: 'secretariat',
    query: `# The secretariat: where the yearly follow-up stands.
query FollowUp {
  followUps(first: 5) {
    nodes { fiscalYear stage version dueOn }
  }
  monthCloses(first: 10) {
    nodes { bureau { code } month state }
  }
}
`,
  },
  {
    role: 'admin',
    query: `# An administrator: all runs, as they happen.
# It goes on until it is stopped.
subscription Runs {
  jobRuns {
    updates { sequence run { job period state } event { kind } }
  }
}
`,
  },
];
