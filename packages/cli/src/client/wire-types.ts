/** What the platform's API sends and takes. Types only: the API itself is not part of the command line. */
export type {
  AddRepoBody,
  ApiErrorCode,
  ErrorView,
  EventView,
  HealthView,
  Pagination,
  ReceiptView,
  RepoView,
  StopView,
  SubmitBody,
  TaskView,
} from '@abca/app-api';
