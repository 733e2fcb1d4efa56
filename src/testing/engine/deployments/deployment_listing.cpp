// Deployments and their workers as pages.
#include "testing/engine/common/failure.hpp"
#include "testing/engine/core/deployer.hpp"
#include "testing/engine/core/engine_core.hpp"
#include "testing/engine/deployments/deployment_views.hpp"
#include "testing/engine/views/listing.hpp"
#include "testing/engine/views/views.hpp"

#include <algorithm>

namespace mistral::workflows::testing {

namespace json = boost::json;

namespace {

bool serves(const engine_core& core, const std::string& deployment, const std::string& workflow) {
  const auto entry = core.definitions.find(workflow);
  return entry != core.definitions.end() && entry->second->deployment_name == deployment;
}

bool names_any(const engine_core& core, const std::string& deployment) {
  return std::any_of(core.definitions.begin(), core.definitions.end(),
                     [&](const auto& entry) { return entry.second->deployment_name == deployment; });
}

bool has_location(const deployment_detail& shown, const std::vector<std::string>& wanted) {
  return std::any_of(shown.locations.begin(), shown.locations.end(), [&](const auto& location) {
    return std::find(wanted.begin(), wanted.end(), location.text()) != wanted.end();
  });
}

bool fits(const engine_core& core, const deployment_filter& filter, const deployment_detail& shown) {
  if (filter.active_only && !shown.is_active) return false;
  if (filter.is_hardened && *filter.is_hardened != shown.is_hardened) return false;
  if (filter.workflow_name && !serves(core, shown.name, *filter.workflow_name)) return false;
  if (filter.search && !begins_with(shown.name, *filter.search) && !begins_with(shown.id, *filter.search))
    return false;
  if (filter.workspace_id && *filter.workspace_id != local_workspace_id) return false;
  if (filter.created_by && *filter.created_by != "current" && *filter.created_by != local_user_id)
    return false;
  return filter.location_types.empty() || has_location(shown, filter.location_types);
}

/// Where a deployment stands in its order; the last part tells those of one instant apart.
struct rank {
  rank() = default;

  bool behind = false;  ///< in the second group
  std::int64_t time = 0;
  std::int64_t order = 0;

  /// Whether it comes before the other.
  bool before(const rank& other, bool descending) const {
    if (behind != other.behind) return other.behind;
    const auto left = std::pair(time, order);
    const auto right = std::pair(other.time, other.order);
    return descending ? left > right : left < right;
  }
};

rank rank_of(const deployment_filter& filter, const deployment_state& state, const deployment_detail& shown) {
  rank made;
  made.behind = filter.grouped && !shown.is_active && !shown.managed;
  made.time = (filter.by_update ? shown.updated_at : shown.created_at).time_since_epoch().count();
  made.order = state.order;
  return made;
}

/// "0.1766198400000000.3"
std::string token_of(const rank& last) {
  return std::to_string(last.behind ? 1 : 0) + '.' + std::to_string(last.time) + '.' +
         std::to_string(last.order);
}

rank rank_in(std::string_view token) {
  rank made;
  const auto first = token.find('.');
  const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos) refuse_invalid("Unknown cursor");
  made.behind = number_in_token(token.substr(0, first)) != 0;
  made.time = number_in_token(token.substr(first + 1, second - first - 1));
  made.order = number_in_token(token.substr(second + 1));
  return made;
}

}  // namespace

json::object deployer::list(const deployment_filter& filter) const {
  std::optional<rank> after;
  if (filter.cursor) after = rank_in(*filter.cursor);
  std::vector<std::pair<rank, deployment_detail>> found;
  for (const auto& [name, state] : core_.store.deployments().all()) {
    deployment_moment moment;
    moment.now = now();
    moment.local_live = names_any(core_, name);
    auto shown = detail_of(state, moment);
    const auto at = rank_of(filter, state, shown);
    if (after && !after->before(at, filter.descending)) continue;
    if (fits(core_, filter, shown)) found.emplace_back(at, std::move(shown));
  }
  std::sort(found.begin(), found.end(),
            [&](const auto& a, const auto& b) { return a.first.before(b.first, filter.descending); });

  const auto count =
      filter.limit ? std::min(found.size(), static_cast<std::size_t>(*filter.limit)) : found.size();
  json::array deployments;
  for (std::size_t index = 0; index < count; ++index)
    deployments.push_back(show_deployment(found[index].second, false));
  json::object page;
  page["deployments"] = std::move(deployments);
  page["next_cursor"] = nullptr;
  page["workspace_id"] = local_workspace_id;
  if (count < found.size() && count > 0) page["next_cursor"] = token_of(found[count - 1].first);
  return page;
}

json::object deployer::get(const std::string& name, const std::optional<std::string>& workflow_name) const {
  const auto& state = known(name);
  deployment_moment moment;
  moment.now = now();
  moment.local_live = workflow_name ? serves(core_, name, *workflow_name) : names_any(core_, name);
  moment.managed_live = !workflow_name || serves(core_, name, *workflow_name);
  return show_deployment(detail_of(state, moment), true);
}

json::object deployer::workers(const std::string& name, const worker_filter& filter) const {
  const auto whole = get(name, std::nullopt);
  const auto& all = whole.at("workers").as_array();
  // Workers keep their places: new ones come at the end.
  auto index = static_cast<std::size_t>(
      filter.cursor ? std::max<std::int64_t>(number_in_token(*filter.cursor), 0) : 0);
  json::array workers;
  json::object page;
  page["next_cursor"] = nullptr;
  for (; index < all.size(); ++index) {
    if (filter.active && all[index].at("is_active").as_bool() != *filter.active) continue;
    if (workers.size() == static_cast<std::size_t>(filter.limit)) {
      page["next_cursor"] = std::to_string(index);
      break;
    }
    workers.push_back(all[index]);
  }
  page["workers"] = std::move(workers);
  return page;
}

}  // namespace mistral::workflows::testing
