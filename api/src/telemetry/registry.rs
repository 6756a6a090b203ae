//! Makes prometheus vectors from the catalogue, in a registry of one's own.

use prometheus::{
    CounterVec, GaugeVec, HistogramOpts, HistogramVec, IntCounterVec, IntGaugeVec, Opts, Registry,
    Result,
};

use super::catalogue::{Kind, MetricFamily};

impl MetricFamily {
    pub(super) fn int_counter(&self, registry: &Registry) -> Result<IntCounterVec> {
        let metric = IntCounterVec::new(self.opts(), self.labels)?;
        registry.register(Box::new(metric.clone())).map(|()| metric)
    }

    pub(super) fn counter(&self, registry: &Registry) -> Result<CounterVec> {
        let metric = CounterVec::new(self.opts(), self.labels)?;
        registry.register(Box::new(metric.clone())).map(|()| metric)
    }

    pub(super) fn int_gauge(&self, registry: &Registry) -> Result<IntGaugeVec> {
        let metric = IntGaugeVec::new(self.opts(), self.labels)?;
        registry.register(Box::new(metric.clone())).map(|()| metric)
    }

    pub(super) fn gauge(&self, registry: &Registry) -> Result<GaugeVec> {
        let metric = GaugeVec::new(self.opts(), self.labels)?;
        registry.register(Box::new(metric.clone())).map(|()| metric)
    }

    pub(super) fn histogram(&self, registry: &Registry) -> Result<HistogramVec> {
        let buckets = match self.kind {
            Kind::Histogram(bounds) => bounds.to_vec(),
            Kind::Counter | Kind::Gauge => Vec::new(),
        };
        let metric = HistogramVec::new(
            HistogramOpts {
                common_opts: self.opts(),
                buckets,
            },
            self.labels,
        )?;
        registry.register(Box::new(metric.clone())).map(|()| metric)
    }

    fn opts(&self) -> Opts {
        Opts::new(self.name, self.help)
    }
}
