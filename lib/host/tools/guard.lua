-- Written by cdktf-exchange-balancer. Recognizes password guessing. haproxy.cfg calls these functions for requests with a password:
--
-- guard_look    reads the login of a request: sets txn.guard_kind, txn.guard_name, and txn.guard_proof, a hash that recognizes
--               the password after Exchange has accepted it
-- guard_admit   lets a request through, makes it wait until earlier requests are answered, or sets txn.guard to the rule that
--               refuses it
-- guard_answer  evaluates Exchange's answer: sets txn.guard_proven, txn.guard_ban_address and txn.guard_ban_name for the tables
--
-- No password is stored, only hashes with a key that is made from exch.pem (certificate and private key). Bans and accepted passwords are
-- in HAProxy's tables, which are shared with the next process and with the other node. The counters here cover the last minute.

local LIMIT = 10 -- refused passwords for an address, or for a name, in WINDOW seconds
local PAIR_LIMIT = 5 -- the same for one name at one address, if different passwords cannot be recognized (NTLM, Digest)
local WINDOW = 60
local IN_FLIGHT = 10 -- seconds after which a request without an answer no longer counts: Exchange refuses at once, so it is an accepted long poll
local PATIENCE = 30
local BAD_FOR = 3600 -- seconds for which a refused password is remembered
local SPRAY_NAMES = 10 -- names for which one password was tried
local FAILING_NAMES = 20 -- names that failed from one address and were never accepted
local SPRAY_WINDOW = 3600
local MOST = 50000 -- maximum number of entries in each table of this file

local guard = { bans = {} }
exchange_balancer_guard = guard

-- --- SipHash-2-4: a hash that cannot be computed, or used to try passwords, without the key -----------------------------

local function rotl(x, by) return (x << by) | (x >> (64 - by)) end

local function siphash(k0, k1, text)
    local v0, v1, v2, v3 = k0 ~ 0x736f6d6570736575, k1 ~ 0x646f72616e646f6d, k0 ~ 0x6c7967656e657261, k1 ~ 0x7465646279746573
    local function rounds(times)
        for _ = 1, times do
            v0 = v0 + v1; v1 = rotl(v1, 13) ~ v0; v0 = rotl(v0, 32)
            v2 = v2 + v3; v3 = rotl(v3, 16) ~ v2
            v0 = v0 + v3; v3 = rotl(v3, 21) ~ v0
            v2 = v2 + v1; v1 = rotl(v1, 17) ~ v2; v2 = rotl(v2, 32)
        end
    end
    local length = #text
    local whole = length - length % 8
    for at = 1, whole, 8 do
        local word = string.unpack("<i8", text, at)
        v3 = v3 ~ word; rounds(2); v0 = v0 ~ word
    end
    local last = (length & 0xff) << 56
    for at = whole + 1, length do last = last | (text:byte(at) << (8 * (at - whole - 1))) end
    v3 = v3 ~ last; rounds(2); v0 = v0 ~ last
    v2 = v2 ~ 0xff; rounds(4)
    return v0 ~ v1 ~ v2 ~ v3
end
guard.siphash = siphash

-- Read by root, before the chroot. Both nodes have the same file, so what one has proven the other knows.
local key0, key1
do
    local file = io.open("/etc/haproxy/exch.pem", "r") or io.open("/dev/urandom", "rb")
    local secret = file:read(65536) or ""
    file:close()
    key0, key1 = siphash(0, 1, secret), siphash(2, 3, secret)
end

local function hash(...)
    return string.format("%016x", siphash(key0, key1, table.concat({ ... }, "\0")))
end

-- --- names ------------------------------------------------------------------------------------------------------------

-- Lower case as Windows compares names: letters of Latin, Greek and Cyrillic.
local function lower(code)
    if code >= 0x41 and code <= 0x5a or code >= 0xc0 and code <= 0xde and code ~= 0xd7 or code >= 0x391 and code <= 0x3a9 or code >= 0x410 and code <= 0x42f then return code + 32 end
    if code >= 0x400 and code <= 0x40f then return code + 80 end
    if code >= 0x100 and code <= 0x137 or code >= 0x14a and code <= 0x177 then return code | 1 end
    if code >= 0x139 and code <= 0x148 or code >= 0x179 and code <= 0x17e then return code + (code & 1) end
    return code
end

local function utf8_of(codes)
    local letters = {}
    for at, code in ipairs(codes) do
        -- A table's key ends at a null, and a log line must stay one.
        letters[at] = (code < 0x20 or code == 0x7f or code > 0x10ffff) and "?" or utf8.char(lower(code))
    end
    return table.concat(letters)
end

-- LAB\alice, alice@lab.test and Alice are one. Nil for none at all.
local function canonical(name)
    name = name:gsub("%z.*", "")
    local codes = {}
    if utf8.len(name) then
        for _, code in utf8.codes(name) do codes[#codes + 1] = code end
    else
        for at = 1, #name do codes[at] = name:byte(at) end
    end
    name = utf8_of(codes):match("([^\\]*)$"):match("^([^@]*)"):match("^%s*(.-)%s*$")
    if name == "" then return nil end
    return #name <= 48 and name or name:sub(1, 32) .. hash(name)
end
guard.canonical = canonical

local function utf16(bytes)
    local codes = {}
    for at = 1, #bytes - 1, 2 do
        local code = string.unpack("<I2", bytes, at)
        if code == 0 then break end
        codes[#codes + 1] = utf8.char(code)
    end
    return table.concat(codes)
end

-- Decodes base64 like IIS, which ignores characters outside of the alphabet.
local values = {}
for at, letter in utf8.codes("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") do values[letter] = at - 1 end
local function base64(text)
    local pieces, bits, count = {}, 0, 0
    for at = 1, #text do
        local value = values[text:byte(at)]
        if value then
            bits, count = (bits << 6) | value, count + 6
            if count >= 8 then
                count = count - 8
                pieces[#pieces + 1] = string.char((bits >> count) & 0xff)
                bits = bits & ((1 << count) - 1)
            end
        end
    end
    return table.concat(pieces)
end
guard.base64 = base64

-- The user in NTLM's third message (MS-NLMP 2.2.1.3), raw or anywhere in a SPNEGO token. Returns nil, nil without such a message;
-- nil, "unreadable" if the user cannot be read.
local THIRD = "NTLMSSP\0\3\0\0\0"
local function ntlm_user(blob)
    local from = blob:find(THIRD, 1, true)
    if not from then return nil end
    if blob:find(THIRD, from + 1, true) or #blob < from + 63 then return nil, "unreadable" end
    local length, offset, flags = string.unpack("<I2", blob, from + 36), string.unpack("<I4", blob, from + 40), string.unpack("<I4", blob, from + 60)
    local name = blob:sub(from + offset, from + offset + length - 1)
    if #name ~= length then return nil, "unreadable" end
    return (flags & 1) == 1 and utf16(name) or name
end
guard.ntlm_user = ntlm_user

local function form_decoded(text)
    return (text:gsub("+", " "):gsub("%%(%x%x)", function(code) return string.char(tonumber(code, 16)) end))
end

-- The name and password in OWA's form. Nil unless there is exactly one of each.
local function form_fields(body)
    local found, twice = {}, false
    for pair in body:gmatch("[^&]+") do
        local key, value = pair:match("^([^=]*)=(.*)$")
        key = key and form_decoded(key):lower()
        if key == "username" or key == "password" then
            twice = twice or found[key] ~= nil
            found[key] = form_decoded(value)
        end
    end
    if twice or not found.username or not found.password then return nil end
    return found.username, found.password
end
guard.form_fields = form_fields

-- --- the login in a request -------------------------------------------------------------------------------------------

local function note(txn, kind, name, password)
    local address = txn:get_var("txn.guard_address") or ""
    txn:set_var("txn.guard_kind", kind)
    if name then txn:set_var("txn.guard_name", name) end
    if password then
        txn:set_var("txn.guard_proof", hash("credential", name or "", password))
        txn:set_var("txn.guard_password", hash("password", password))
    elseif name then
        txn:set_var("txn.guard_proof", hash("pair", address, name))
    end
end

core.register_action("guard_look", { "http-req" }, function(txn)
    local given = txn.f:req_fhdr("authorization")
    if not given then return end
    if txn.f:req_fhdr_cnt("authorization") ~= 1 then return txn:set_var("txn.guard", "guess-unreadable") end
    local scheme, token = given:match("^%s*(%S+)%s*(.*)$")
    scheme = scheme and scheme:lower() or ""
    if scheme == "basic" then
        local user, password = base64(token):match("^([^:]*):(.*)$")
        return note(txn, "basic", user and canonical(user), password or token)
    end
    if scheme == "ntlm" or scheme == "negotiate" then
        -- The converter is fast but strict. It is used because a Kerberos ticket is long.
        local user, problem = ntlm_user(txn.c:b64dec(token) or base64(token))
        if problem then return txn:set_var("txn.guard", "guess-unreadable") end
        if user then return note(txn, "ntlm", canonical(user)) end
    elseif scheme == "digest" then
        local user = token:match('username="([^"]*)"')
        return note(txn, "digest", user and canonical(user))
    end
end)

-- `guard_look_form_whole`: HAProxy has waited for the whole body, so an unreadable body is unreadable on purpose.
local function look_form(whole)
    return function(txn)
        local user, password = form_fields(txn.f:req_body() or "")
        if user then return note(txn, "form", canonical(user), password) end
        if whole then return txn:set_var("txn.guard", "guess-unreadable") end
        note(txn, "form")
    end
end
core.register_action("guard_look_form", { "http-req" }, look_form(false))
core.register_action("guard_look_form_whole", { "http-req" }, look_form(true))

-- --- refused passwords of the last minute, and requests without an answer yet ----------------------------------------------------

local windows = {} -- key -> { refused = { times }, flying = { slot -> time } }
local slots, next_slot = {}, 0
local bad = {} -- proof of a refused password -> { first = time, last = time }
local sprayed = {} -- hash of a password -> { names = { name -> true }, count, since, told }
local failing = {} -- address -> { names = { name -> time }, since }
local sizes = setmetatable({}, { __mode = "k" })

local function now()
    local time = core.now()
    return time.sec + time.usec / 1000000
end

-- Tables that strangers can fill lose their old entries, and all entries if this is not enough.
local function kept(of, fresh)
    sizes[of] = (sizes[of] or 0) + 1
    if sizes[of] < MOST then return end
    local left = 0
    for key, value in pairs(of) do
        if fresh(value) then left = left + 1 else of[key] = nil end
    end
    if left >= MOST * 0.9 then
        for key in pairs(of) do of[key] = nil end
        left = 0
    end
    sizes[of] = left
end

local function count_refused(window, at)
    local recent = {}
    for _, time in ipairs(window.refused) do if at - time < WINDOW then recent[#recent + 1] = time end end
    window.refused = recent
    return #recent
end

local function count_flying(window, at)
    local count = 0
    for slot, time in pairs(window.flying) do
        if at - time < IN_FLIGHT then count = count + 1 else window.flying[slot] = nil end
    end
    return count
end

local function window_of(key)
    if not windows[key] then
        local at = now()
        kept(windows, function(window) return count_refused(window, at) + count_flying(window, at) > 0 end)
        windows[key] = { refused = {}, flying = {} }
    end
    return windows[key]
end

-- The windows in which a request counts: key, limit, and the rule that refuses it.
local function windows_for(kind, name, address, proof, known)
    local of = {}
    if name and (kind == "ntlm" or kind == "digest") then of[#of + 1] = { "pair " .. proof, PAIR_LIMIT, "guess-name" } end
    if not known then
        of[#of + 1] = { "address " .. address, LIMIT, "guess-address" }
        if name then of[#of + 1] = { "name " .. name, LIMIT, "guess-name" } end
    end
    return of
end

-- The login that was read from a request.
local function login_of(txn)
    return txn:get_var("txn.guard_kind"), txn:get_var("txn.guard_name"), txn:get_var("txn.guard_address") or "", txn:get_var("txn.guard_proof"),
        txn:get_var("txn.guard_known") ~= nil, txn:get_var("txn.guard_password")
end

core.register_action("guard_admit", { "http-req" }, function(txn)
    local kind, name, address, proof, known, password = login_of(txn)
    local function refuse(rule) txn:set_var("txn.guard", rule) end
    local again = password and bad[proof]
    if again and now() - again.last < WINDOW then return refuse("guess-repeat") end
    if password and known then return end
    if not known then
        local ban = txn:get_var("txn.guard_address_banned") or 0
        if ban > 0 then return refuse(ban == 2 and "guess-spray" or "guess-address") end
        if (txn:get_var("txn.guard_name_banned") or 0) > 0 then return refuse("guess-name") end
        local spray = password and sprayed[password]
        if spray and spray.told and now() - spray.since < SPRAY_WINDOW then return refuse("guess-spray") end
    end
    local mine = windows_for(kind, name, address, proof, known)
    local began = now()
    while true do
        local at, free = now(), true
        for _, one in ipairs(mine) do
            local window = window_of(one[1])
            local refused = count_refused(window, at)
            if refused >= one[2] then return refuse(one[3]) end
            free = free and refused + count_flying(window, at) < one[2]
        end
        if free then
            next_slot = next_slot + 1
            kept(slots, function(slot) return at - slot.time < IN_FLIGHT end)
            slots[next_slot] = { time = at, windows = mine }
            for _, one in ipairs(mine) do window_of(one[1]).flying[next_slot] = at end
            return txn:set_var("txn.guard_slot", next_slot)
        end
        if at - began > PATIENCE then return refuse("guess-busy") end
        core.msleep(20)
    end
end)

-- --- Exchange's answers -------------------------------------------------------------------------------------------------

local function quoted(text) return '"' .. text:gsub('[\\"]', "\\%0") .. '"' end

-- The counter ends one second after the ban begins, so that lifting the ban takes effect at once.
local function ban(txn, what, reason, address, name)
    local window, soon = window_of(what == "name" and "name " .. name or "address " .. address), now() - WINDOW + 1
    for at, time in ipairs(window.refused) do window.refused[at] = math.min(time, soon) end
    txn:set_var("txn.guard_ban_" .. what, reason == "spray" and 2 or 1)
    local key = what .. " " .. reason
    guard.bans[key] = (guard.bans[key] or 0) + 1
    txn:log(core.notice, string.format("guard=ban what=%s reason=%s client=%s name=%s", what, reason, address, quoted(name or "-")))
end

-- Finds one password that is tried for many names, from any address; and, if passwords cannot be seen, many names that fail from
-- one address and are never accepted.
local function is_spray(address, name, password)
    local at = now()
    if name and password then
        local one = sprayed[password]
        if not one or at - one.since >= SPRAY_WINDOW then
            kept(sprayed, function(other) return at - other.since < SPRAY_WINDOW end)
            one = { names = {}, count = 0, since = at }
            sprayed[password] = one
        end
        if not one.names[name] and one.count < SPRAY_NAMES then one.names[name], one.count = true, one.count + 1 end
        one.told = one.told or one.count >= SPRAY_NAMES
        return one.told
    elseif name then
        local one = failing[address]
        if not one or at - one.since >= SPRAY_WINDOW then
            kept(failing, function(other) return at - other.since < SPRAY_WINDOW end)
            one = { names = {}, count = 0, since = at }
            failing[address] = one
        end
        if not one.names[name] then one.names[name], one.count = true, one.count + 1 end
        if one.count < FAILING_NAMES then return false end
        failing[address] = nil
        return true
    end
    return false
end

core.register_action("guard_answer", { "http-res" }, function(txn)
    local kind, name, address, proof, known, password = login_of(txn)
    local slot = txn:get_var("txn.guard_slot")
    local mine = slot and slots[slot] and slots[slot].windows or windows_for(kind, name, address, proof or "", known)
    if slot then
        slots[slot] = nil
        for _, one in ipairs(mine) do if windows[one[1]] then windows[one[1]].flying[slot] = nil end end
    end
    if txn:get_var("txn.guard_refused") then
        local at = now()
        if password and proof then
            local before = bad[proof]
            local guessed_before = before and at - before.first < BAD_FOR
            if not before then kept(bad, function(one) return at - one.last < BAD_FOR end) end
            bad[proof] = { first = guessed_before and before.first or at, last = at }
            -- The password was right until now, so the account's password has changed.
            if known then return txn:set_var("txn.guard_proven", 0) end
            -- The same wrong password again is no guess: it comes from a phone that does not have the new password yet.
            if guessed_before then return end
        end
        for _, one in ipairs(mine) do
            local window = window_of(one[1])
            window.refused[#window.refused + 1] = at
        end
        if known then return end
        local spray = is_spray(address, name, password)
        if spray or count_refused(window_of("address " .. address), at) >= LIMIT then ban(txn, "address", spray and "spray" or "guesses", address, name) end
        if name and count_refused(window_of("name " .. name), at) >= LIMIT then ban(txn, "name", "guesses", address, name) end
    elseif txn:get_var("txn.guard_accepted") then
        if failing[address] and name and failing[address].names[name] then
            failing[address].names[name], failing[address].count = nil, failing[address].count - 1
        end
        if not known and proof then txn:set_var("txn.guard_proven", 1) end
    end
end)
