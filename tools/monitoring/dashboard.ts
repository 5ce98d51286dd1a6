import {
  DashboardBuilder, DashboardCursorSync, DatasourceVariableBuilder, MappingType, QueryVariableBuilder, RowBuilder, ThresholdsConfigBuilder, ThresholdsMode,
  VariableRefresh,
} from "@grafana/grafana-foundation-sdk/dashboard";
import type { Panel, ValueMapping } from "@grafana/grafana-foundation-sdk/dashboard";
import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import { DataqueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as Stat } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as StateTimeline } from "@grafana/grafana-foundation-sdk/statetimeline";
import { PanelBuilder as Timeseries } from "@grafana/grafana-foundation-sdk/timeseries";
import { PanelPlan, ROWS } from "./panels";

const SOURCE = { type: "prometheus", uid: "${datasource}" };

/** The text of monitoring/dashboard.json. */
export function dashboardFile(): string {
  const board = new DashboardBuilder("Exchange balancers")
    .uid("exchange-balancers")
    .description("HAProxy and keepalived in front of an Exchange DAG. Made by cdktf-exchange-balancer; its docs/monitoring.md describes each series.")
    .tags(["exchange", "haproxy", "keepalived"])
    .time({ from: "now-3h", to: "now" })
    .refresh("30s")
    .timezone("browser")
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(new DatasourceVariableBuilder("datasource").label("Data source").type("prometheus"))
    .withVariable(labels("job", 'label_values(up{job=~"exchange-balancer.*"}, job)'))
    .withVariable(labels("instance", 'label_values(up{job=~"$job"}, instance)'));
  for (const { title, panels } of ROWS) {
    board.withRow(new RowBuilder(title));
    for (const plan of panels) board.withPanel(panel(plan));
  }
  return `${JSON.stringify(board.build(), null, 2)}\n`;
}

function labels(name: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name).label(name).datasource(SOURCE).query(query).multi(true).includeAll(true).allValue(".+").refresh(VariableRefresh.OnTimeRangeChanged)
    .current({ selected: true, text: "All", value: "$__all" });
}

function panel(plan: PanelPlan): Builder<Panel> {
  const common = <T extends Timeseries | Stat | StateTimeline>(builder: T): T => {
    builder.title(plan.title).description(plan.description).datasource(SOURCE).unit(plan.unit).height(8).span(plan.width ?? 12);
    plan.targets.forEach(({ expr, legend }, index) =>
      builder.withTarget(new DataqueryBuilder().refId(String.fromCharCode(65 + index)).datasource(SOURCE).expr(expr).legendFormat(legend)),
    );
    return builder;
  };
  switch (plan.kind) {
    case "stat":
      return common(new Stat());
    case "statetimeline":
      return common(new StateTimeline().mergeValues(true).fillOpacity(80).mappings([mapping(plan.values ?? {})]))
        .thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([{ value: null, color: "text" }]));
    case "timeseries": {
      const series = common(new Timeseries().min(0).fillOpacity(10));
      return plan.max === undefined ? series : series.max(plan.max);
    }
  }
}

function mapping(values: NonNullable<PanelPlan["values"]>): ValueMapping {
  const options = Object.fromEntries(Object.entries(values).map(([value, { text, color }], index) => [value, { text, color, index }]));
  return { type: MappingType.ValueToText, options };
}
