-- Written by cdktf-exchange-balancer. HAProxy's answers on its metrics port.
--
-- exchange_balancer_metrics  the members by protocol, as this process sees them now, then the files that the collector
--                            writes about the host: VRRP, certificates, deploys
-- exchange_balancer_refused  counts a request that a guard refused, by rule; exchange_balancer_metrics prints the counters
-- haproxy_metrics            for versions without the exporter: the same metrics with the same names
-- exchange_balancer_authorized  "yes" if the request has the password in PASSWORD_FILE
--
-- After the chroot, / is /var/lib/haproxy. The functions below run only when somebody reads the metrics.

local FILES = { "/exchange-balancer/host.prom", "/exchange-balancer/certificates.prom", "/exchange-balancer/deploy.prom" }
local PASSWORD_FILE = "/etc/haproxy/monitoring.auth"
local BACKEND = "^be_exch2019_(.+)$"
local STATES = { "up", "draining", "maintenance", "down", "unchecked" }

-- Read once by root, before the chroot. If it cannot be read, nobody may read the metrics.
local credentials
do
    local file = io.open(PASSWORD_FILE, "r")
    if file then
        credentials = file:read("l")
        file:close()
    end
end

local started = os.time()

local function label(value)
    return (tostring(value):gsub("\\", "\\\\"):gsub('"', '\\"'):gsub("\n", " "))
end

local function sorted_keys(of)
    local keys = {}
    for key in pairs(of) do keys[#keys + 1] = key end
    table.sort(keys)
    return keys
end

-- Translates HAProxy's state of a server to one of STATES. A drained member stays drained, whatever its checks say, because its
-- administrator may be rebooting it.
local function state_of(server, status)
    if status:find("^MAINT") then
        -- MAINT because its DNS name has no address, not because of an administrator.
        return status:find("resolution") and "down" or "maintenance"
    end
    local draining = server:is_draining() -- a number on some versions
    if status:find("^DRAIN") or (draining == 1 or draining == true) then return "draining" end
    if status:find("^no check") then return "unchecked" end
    if status:find("^UP") or status:find("^NOLB") then return "up" end
    return "down"
end

local function reason_of(stats)
    local check = tostring(stats.check_status or ""):gsub("^%* ", "")
    if tostring(stats.status):find("resolution") then return "no address" end
    if check == "L7STS" and stats.check_code then return check .. "/" .. tostring(stats.check_code) end
    return check
end

local function members()
    local states = { "# HELP exchange_balancer_member_state 1 for the state that the member is in for this protocol.", "# TYPE exchange_balancer_member_state gauge" }
    local checks = {
        "# HELP exchange_balancer_member_check_failed 1 if the last health check failed; reason is HAProxy's word for its result.",
        "# TYPE exchange_balancer_member_check_failed gauge",
    }
    for _, name in ipairs(sorted_keys(core.backends)) do
        local protocol = name:match(BACKEND)
        if protocol then
            local servers = core.backends[name].servers
            for _, member in ipairs(sorted_keys(servers)) do
                local server = servers[member]
                local stats = server:get_stats()
                local labels = string.format('protocol="%s",member="%s"', label(protocol), label(member))
                local state = state_of(server, tostring(stats.status))
                for _, each in ipairs(STATES) do
                    states[#states + 1] = string.format('exchange_balancer_member_state{%s,state="%s"} %d', labels, each, each == state and 1 or 0)
                end
                local reason = reason_of(stats)
                if reason ~= "" and state ~= "maintenance" then
                    local failed = (reason:find("OK$") or reason:find("OKC$") or reason == "INI") and 0 or 1
                    checks[#checks + 1] = string.format('exchange_balancer_member_check_failed{%s,reason="%s"} %d', labels, label(reason), failed)
                end
            end
        end
    end
    return table.concat(states, "\n") .. "\n" .. table.concat(checks, "\n") .. "\n"
end

-- Refusals by rule, since this process began, because HAProxy's own counters have no reasons. They begin at 0 after a reload.
local refused = {}

core.register_action("exchange_balancer_refused", { "http-req" }, function(txn)
    local rule = txn:get_var("txn.rule")
    if rule then refused[rule] = (refused[rule] or 0) + 1 end
end)

local function refusals()
    local lines = { "# HELP exchange_balancer_refused_total Requests that a guard refused, by the rule that the log names.", "# TYPE exchange_balancer_refused_total counter" }
    for _, rule in ipairs(sorted_keys(refused)) do
        lines[#lines + 1] = string.format('exchange_balancer_refused_total{rule="%s"} %d', label(rule), refused[rule])
    end
    return #lines == 2 and "" or table.concat(lines, "\n") .. "\n"
end

-- The bans in force, by kind. HAProxy before 2.0 cannot read a table.
local function in_force(table_name)
    local ok, entries = pcall(function() return core.backends[table_name].stktable:dump({ { "gpt0", "gt", 0 } }) end)
    if not ok or not entries then return nil end
    local count = 0
    for _ in pairs(entries) do count = count + 1 end
    return count
end

-- The counters of guard.lua, if it is loaded.
local function bans()
    local guard = exchange_balancer_guard
    if not guard then return "" end
    local lines = { "# HELP exchange_balancer_bans_total Bans for guessed passwords, by whom they keep out and why.", "# TYPE exchange_balancer_bans_total counter" }
    for _, key in ipairs({ "address guesses", "address spray", "name guesses" }) do
        local what, reason = key:match("^(%S+) (%S+)$")
        lines[#lines + 1] = string.format('exchange_balancer_bans_total{what="%s",reason="%s"} %d', what, reason, guard.bans[key] or 0)
    end
    lines[#lines + 1] = "# HELP exchange_balancer_bans Bans that are in force."
    lines[#lines + 1] = "# TYPE exchange_balancer_bans gauge"
    for _, what in ipairs({ "address", "name" }) do
        local count = in_force(what == "name" and "guard_names" or "guard_addresses")
        if count then lines[#lines + 1] = string.format('exchange_balancer_bans{what="%s"} %d', what, count) end
    end
    return table.concat(lines, "\n") .. "\n"
end

local function answer(applet, text)
    applet:set_status(200)
    applet:add_header("content-type", "text/plain; version=0.0.4; charset=utf-8")
    applet:add_header("content-length", tostring(#text))
    applet:add_header("cache-control", "no-cache")
    applet:start_response()
    applet:send(text)
end

core.register_service("exchange_balancer_metrics", "http", function(applet)
    local parts = { members(), refusals(), bans() }
    for _, path in ipairs(FILES) do
        local file = io.open(path, "r")
        if file then
            parts[#parts + 1] = file:read("a")
            file:close()
        end
    end
    answer(applet, table.concat(parts))
end)

core.register_fetches("exchange_balancer_authorized", function(txn)
    local given = txn.http:req_get_headers()["authorization"]
    return credentials ~= nil and credentials ~= "" and given ~= nil and given[0] == credentials and "yes" or "no"
end)

-- --- the exporter's names, where there is no exporter ---------------------------------------------------------------

-- name, type, the field of HAProxy's statistics, the factor
local FRONTEND = {
    { "current_sessions", "gauge", "scur" },
    { "max_sessions", "gauge", "smax" },
    { "limit_sessions", "gauge", "slim" },
    { "sessions_total", "counter", "stot" },
    { "bytes_in_total", "counter", "bin" },
    { "bytes_out_total", "counter", "bout" },
    { "requests_denied_total", "counter", "dreq" },
    { "responses_denied_total", "counter", "dresp" },
    { "request_errors_total", "counter", "ereq" },
    { "http_requests_total", "counter", "req_tot" },
    { "http_requests_rate_max", "gauge", "req_rate_max" },
    { "connections_total", "counter", "conn_tot" },
}
local SERVER = {
    { "current_queue", "gauge", "qcur" },
    { "current_sessions", "gauge", "scur" },
    { "max_sessions", "gauge", "smax" },
    { "sessions_total", "counter", "stot" },
    { "bytes_in_total", "counter", "bin" },
    { "bytes_out_total", "counter", "bout" },
    { "responses_denied_total", "counter", "dresp" },
    { "connection_errors_total", "counter", "econ" },
    { "response_errors_total", "counter", "eresp" },
    { "retry_warnings_total", "counter", "wretr" },
    { "redispatch_warnings_total", "counter", "wredis" },
    { "weight", "gauge", "weight" },
    { "check_up_down_total", "counter", "chkdown" },
    { "downtime_seconds_total", "counter", "downtime" },
    { "queue_time_average_seconds", "gauge", "qtime", 0.001 },
    { "connect_time_average_seconds", "gauge", "ctime", 0.001 },
    { "response_time_average_seconds", "gauge", "rtime", 0.001 },
    { "total_time_average_seconds", "gauge", "ttime", 0.001 },
}
local BACKEND_ONLY = { { "limit_sessions", "gauge", "slim" }, { "requests_denied_total", "counter", "dreq" }, { "active_servers", "gauge", "act" } }
local CODES = { ["1xx"] = "hrsp_1xx", ["2xx"] = "hrsp_2xx", ["3xx"] = "hrsp_3xx", ["4xx"] = "hrsp_4xx", ["5xx"] = "hrsp_5xx", ["other"] = "hrsp_other" }

local function number(value)
    return tonumber(value) or 0
end

-- `sources` are pairs of labels and statistics.
local function family(lines, prefix, metrics, sources)
    for _, metric in ipairs(metrics) do
        local name = prefix .. metric[1]
        lines[#lines + 1] = "# TYPE " .. name .. " " .. metric[2]
        for _, source in ipairs(sources) do
            if metric[4] then
                lines[#lines + 1] = string.format("%s{%s} %.3f", name, source[1], number(source[2][metric[3]]) * metric[4])
            else
                lines[#lines + 1] = string.format("%s{%s} %d", name, source[1], number(source[2][metric[3]]))
            end
        end
    end
end

local function responses(lines, prefix, sources)
    local name = prefix .. "http_responses_total"
    lines[#lines + 1] = "# TYPE " .. name .. " counter"
    for _, source in ipairs(sources) do
        for _, code in ipairs(sorted_keys(CODES)) do
            lines[#lines + 1] = string.format('%s{%s,code="%s"} %d', name, source[1], code, number(source[2][CODES[code]]))
        end
    end
end

core.register_service("haproxy_metrics", "http", function(applet)
    local info = core.get_info()
    local lines = {
        "# TYPE haproxy_process_start_time_seconds gauge",
        string.format("haproxy_process_start_time_seconds %d", started),
        "# TYPE haproxy_process_current_connections gauge",
        string.format("haproxy_process_current_connections %d", number(info["CurrConns"])),
        "# TYPE haproxy_process_max_connections gauge",
        string.format("haproxy_process_max_connections %d", number(info["Maxconn"])),
        "# TYPE haproxy_process_idle_time_percent gauge",
        string.format("haproxy_process_idle_time_percent %d", number(info["Idle_pct"])),
    }
    local frontends, backends, servers = {}, {}, {}
    for _, name in ipairs(sorted_keys(core.frontends)) do
        -- GLOBAL is HAProxy 1.8's name for the stats socket.
        if name ~= "GLOBAL" then
            frontends[#frontends + 1] = { string.format('proxy="%s"', label(name)), core.frontends[name]:get_stats() }
        end
    end
    for _, name in ipairs(sorted_keys(core.backends)) do
        local backend = core.backends[name]
        backends[#backends + 1] = { string.format('proxy="%s"', label(name)), backend:get_stats() }
        for _, member in ipairs(sorted_keys(backend.servers)) do
            servers[#servers + 1] = { string.format('proxy="%s",server="%s"', label(name), label(member)), backend.servers[member]:get_stats() }
        end
    end
    family(lines, "haproxy_frontend_", FRONTEND, frontends)
    responses(lines, "haproxy_frontend_", frontends)
    family(lines, "haproxy_backend_", SERVER, backends)
    family(lines, "haproxy_backend_", BACKEND_ONLY, backends)
    responses(lines, "haproxy_backend_", backends)
    family(lines, "haproxy_server_", SERVER, servers)
    responses(lines, "haproxy_server_", servers)
    answer(applet, table.concat(lines, "\n") .. "\n")
end)
