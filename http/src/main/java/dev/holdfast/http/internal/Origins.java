package dev.holdfast.http.internal;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * Keeps other sites' pages from asking this peer by the browser of somebody who may: a page's script may send requests to any address, and a
 * name that it was loaded from may come to mean this peer a moment later (DNS rebinding). Requests of programs are not touched.
 */
final class Origins {
    /** IPv4, or IPv6 in brackets. No site has such a name. */
    private static final Pattern ADDRESS = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9A-Fa-f:.%]+]");

    private final Set<String> hosts;
    private final boolean secure;

    /**
     * Those of a server.
     *
     * @param hosts by which it is known
     * @param secure whether it speaks TLS: its certificate then says which names it has
     */
    Origins(Set<String> hosts, boolean secure) {
        this.hosts = hosts;
        this.secure = secure;
    }

    /** Why this request may be some other site's doing; {@code null} if it is not. */
    @Nullable
    String objection(Request request) {
        String host = Request.getServerName(request).toLowerCase(Locale.ROOT);
        if (!secure
                && !host.equals("localhost")
                && !hosts.contains(host)
                && !ADDRESS.matcher(host).matches()
                && !host.contains(":")) {
            return "the request is for the host '" + host
                    + "', which is not a name of this peer. Without TLS it answers to its address, 'localhost', or the host that the"
                    + " cluster knows it by";
        }
        String site = request.getHeaders().get("Sec-Fetch-Site");
        return site == null || site.equals("same-origin") || site.equals("none")
                ? null
                : "a page of another site asked for this";
    }
}
