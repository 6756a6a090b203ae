//! Where everything listens: on this machine only, at ports that are asked for or free.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::ops::RangeInclusive;

use anyhow::{Context, Result};

/// The ports; 0 is a free one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Ports, all on 127.0.0.1; 0 is a free one")]
pub struct Ports {
    /// Of the service
    #[arg(long, value_name = "PORT", default_value_t = Self::USUAL.api_port)]
    pub api_port: u16,
    /// Of the service's metrics, probes and fault switches
    #[arg(long, value_name = "PORT", default_value_t = Self::USUAL.management_port)]
    pub management_port: u16,
    /// Of Prometheus
    #[arg(long, value_name = "PORT", default_value_t = Self::USUAL.prometheus_port)]
    pub prometheus_port: u16,
    /// Of Alertmanager
    #[arg(long, value_name = "PORT", default_value_t = Self::USUAL.alertmanager_port)]
    pub alertmanager_port: u16,
    /// Of the catcher, which receives what Alertmanager sends
    #[arg(long, value_name = "PORT", default_value_t = Self::USUAL.catcher_port)]
    pub catcher_port: u16,
    /// Of the load harness's own metrics
    #[arg(long, value_name = "PORT", default_value_t = Self::USUAL.live_port)]
    pub live_port: u16,
}

/// Where everything listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// The service.
    pub api: SocketAddr,
    /// Its metrics, probes and fault switches.
    pub management: SocketAddr,
    /// Prometheus.
    pub prometheus: SocketAddr,
    /// Alertmanager.
    pub alertmanager: SocketAddr,
    /// What receives Alertmanager's messages.
    pub catcher: SocketAddr,
    /// The load harness's own metrics.
    pub live: SocketAddr,
}

impl Ports {
    /// What is taken where nothing else is asked for.
    pub const USUAL: Self = Self {
        api_port: 8080,
        management_port: 9464,
        prometheus_port: 9090,
        alertmanager_port: 9093,
        catcher_port: 9099,
        live_port: 9465,
    };
    /// Free ones.
    pub const FREE: Self = Self {
        api_port: 0,
        management_port: 0,
        prometheus_port: 0,
        alertmanager_port: 0,
        catcher_port: 0,
        live_port: 0,
    };

    /// Finds out that all of them are free at this moment; the catcher's listener is kept.
    ///
    /// # Errors
    /// When one is busy, with the option that names another.
    pub fn take(&self) -> Result<(Addresses, TcpListener)> {
        // All of them stay bound until the last one is: two free ones would else be the same.
        let api = bind(self.api_port, "the service", "api")?;
        let management = bind(self.management_port, "the service's metrics", "management")?;
        let prometheus = bind(self.prometheus_port, "Prometheus", "prometheus")?;
        let alertmanager = bind(self.alertmanager_port, "Alertmanager", "alertmanager")?;
        let catcher = bind(self.catcher_port, "the catcher", "catcher")?;
        let live = bind(self.live_port, "the harness's metrics", "live")?;
        let addresses = Addresses {
            api: api.local_addr()?,
            management: management.local_addr()?,
            prometheus: prometheus.local_addr()?,
            alertmanager: alertmanager.local_addr()?,
            catcher: catcher.local_addr()?,
            live: live.local_addr()?,
        };
        Ok((addresses, catcher))
    }
}

/// Free ports are taken from here: below those that the kernel gives to whoever connects (on Linux from 32768 on, see `ip_local_port_range`), of
/// which one could be in use for a moment just when it is needed.
const FREE: RangeInclusive<u16> = 15_000..=32_000;
/// So many of them are tried.
const TRIES: u32 = 100;

fn bind(port: u16, whose: &str, option: &str) -> Result<TcpListener> {
    if port == 0 {
        let mut tries =
            (0..TRIES).map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, fastrand::u16(FREE))));
        let free = tries.find_map(Result::ok);
        return free.with_context(|| {
            format!("there is no free port for {whose}: name one with --{option}-port")
        });
    }
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).with_context(|| {
        format!("the port {port} of {whose} cannot be had: name another with --{option}-port, 0 for a free one")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_ports_are_all_different() {
        let (addresses, catcher) = Ports::FREE.take().unwrap();
        let Addresses {
            api,
            management,
            prometheus,
            alertmanager,
            catcher: caught,
            live,
        } = addresses;
        let mut all = [api, management, prometheus, alertmanager, caught, live];
        all.sort_unstable();
        assert!(all.iter().zip(&all[1..]).all(|(one, next)| one != next));
        assert_eq!(catcher.local_addr().unwrap(), caught);
    }

    #[test]
    fn a_busy_port_is_named_with_the_option_that_changes_it() {
        let busy = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let ports = Ports {
            alertmanager_port: busy.local_addr().unwrap().port(),
            ..Ports::FREE
        };
        let error = format!("{:#}", ports.take().unwrap_err());
        assert!(error.contains("--alertmanager-port"), "{error}");
        assert!(
            error.contains(&ports.alertmanager_port.to_string()),
            "{error}"
        );
    }
}
