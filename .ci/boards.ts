// What Grafana takes as a board, put together from its own schema. `boards.sh` writes each board below this as a literal, so that a field that
// nobody knows is an error, and so is a value that an option does not have.
import type { AnnotationQuery, Dashboard, FieldConfig, Panel } from '@grafana/schema';
import type * as bargauge from '@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen';
import type * as gauge from '@grafana/schema/dist/esm/raw/composable/gauge/panelcfg/x/GaugePanelCfg_types.gen';
import type * as heatmap from '@grafana/schema/dist/esm/raw/composable/heatmap/panelcfg/x/HeatmapPanelCfg_types.gen';
import type * as stat from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type * as timeline from '@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen';
import type * as table from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type * as timeseries from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

// JSON has no enums: their values as they are written.
type Json<T> = T extends string ? `${T}`
  : T extends number | boolean | null | undefined ? T
  : T extends Array<infer Item> ? Array<Json<Item>>
  : T extends object ? { [Key in keyof T]: Json<T[Key]> }
  : T;

// The schema of the data source is not published with the others; these are the fields of its `PromQuery`.
interface Target {
  refId: string;
  datasource: { type: 'prometheus'; uid: string };
  expr: string;
  legendFormat: string;
  format: 'time_series' | 'table' | 'heatmap';
  instant: boolean;
  range: boolean;
  exemplar: boolean;
  editorMode: 'code';
}

type Link = { title: string; url: string; targetBlank: boolean };

type PanelOf<Type extends string, Options, Custom> = Omit<Json<Panel>, 'type' | 'options' | 'targets' | 'fieldConfig'> & {
  type: Type;
  options: Json<Options>;
  targets: Target[];
  fieldConfig: {
    defaults: Omit<Json<FieldConfig>, 'custom' | 'links'> & { custom: Json<Custom>; links: Link[] };
    overrides: Json<Panel['fieldConfig']> extends infer Source ? (Source extends { overrides: infer Overrides } ? Overrides : never) : never;
  };
};

type Nothing = Record<string, never>;

type AnyPanel =
  | PanelOf<'bargauge', bargauge.Options, Nothing>
  | PanelOf<'gauge', gauge.Options, Nothing>
  | PanelOf<'heatmap', heatmap.Options, heatmap.FieldConfig>
  | PanelOf<'stat', stat.Options, Nothing>
  | PanelOf<'state-timeline', timeline.Options, timeline.FieldConfig>
  | PanelOf<'table', table.Options, table.FieldConfig>
  | PanelOf<'timeseries', timeseries.Options, timeseries.FieldConfig>;

// The data source reads its own query and formats from an annotation.
type Annotation = Omit<Json<AnnotationQuery>, 'target'> & {
  target?: { refId: string; expr: string; range: boolean; instant: boolean };
  titleFormat?: string;
  textFormat?: string;
};

export type Board = Omit<Json<Dashboard>, 'panels' | 'annotations'> & {
  annotations: { list: Annotation[] };
  panels: AnyPanel[];
};
