#include "net/entrance.h"

#include "net/proxy_filter.h"
#include "net/tls_filter.h"

namespace gaon::net {

FilteredBackend::Admit admit_by(Entrance entrance) {
  return [entrance = std::move(entrance)](const Peer& from) -> std::expected<FilterChain, std::string> {
    FilterChain filters;
    if (entrance.proxies) {
      if (from.family != Peer::Family::local && !entrance.proxies->contain(from)) {
        return std::unexpected("it is not among the proxies of proxy_trusted");
      }
      filters.add(std::make_unique<ProxyFilter>());
    }
    if (entrance.tls) filters.add(std::make_unique<TlsFilter>(*entrance.tls));
    if (entrance.websocket) filters.add(std::make_unique<WebSocketFilter>(entrance.websocket));
    return filters;
  };
}

}  // namespace gaon::net
