vcl 4.1;

# Varnish 7 with varnish-modules (xkey) in front of Dateline.  DATELINE_PURGE_URLS names this cache, and `purgers` says who
# may purge it: the machines on which Dateline's workers run.

import std;
import xkey;

backend default {
    .host = "127.0.0.1";
    .port = "8000";
}

acl purgers {
    "127.0.0.1";
    "::1";
}

sub vcl_recv {
    if (req.method == "PURGE") {
        if (client.ip !~ purgers) {
            return (synth(405));
        }
        set req.http.purged = xkey.purge(req.http.xkey-purge);
        return (synth(200, req.http.purged + " purged"));
    }
    # an answer to a credential is nobody else's
    if (req.http.Authorization || req.http.Cookie ~ "dateline_session=") {
        return (pass);
    }
    unset req.http.Cookie;
}

sub vcl_backend_response {
    set beresp.http.xkey = beresp.http.Surrogate-Key;
    # RFC 9213: what Dateline says to shared caches comes before what it says to browsers, and is an end, not a hint:
    # nothing is given out stale behind it
    if (beresp.http.CDN-Cache-Control ~ "max-age=[0-9]+") {
        set beresp.ttl = std.duration(regsub(beresp.http.CDN-Cache-Control, ".*max-age=([0-9]+).*", "\1s"), 0s);
        set beresp.grace = 0s;
    }
    if (beresp.ttl <= 0s) {
        set beresp.uncacheable = true;
    }
}

sub vcl_deliver {
    unset resp.http.xkey;
    unset resp.http.Surrogate-Key;
    unset resp.http.CDN-Cache-Control;
}
