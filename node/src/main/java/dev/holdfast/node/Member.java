package dev.holdfast.node;

import dev.holdfast.client.errors.InvalidAddressException;
import dev.holdfast.client.remote.HostPort;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A member of the cluster.
 *
 * @param id its name, unique in the cluster: 1 to 64 letters, digits, {@code - _ .}
 * @param host where the others and clients reach it
 * @param raftPort for traffic between peers
 * @param clientPort for clients, and for peers that forward their callers' requests to the leader
 */
public record Member(String id, String host, int raftPort, int clientPort) {
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final Pattern TEXT = Pattern.compile("([^=@]+)[=@](.+):(\\d{1,5}):(\\d{1,5})");

    /** @throws IllegalArgumentException if the id is malformed, the host empty or none that can be connected to, or a port not 1 to 65535 */
    public Member {
        if (!ID.matcher(id).matches()) {
            throw new IllegalArgumentException(
                    "member id \"" + id + "\": 1 to 64 letters, digits, '-', '_' and '.' are allowed");
        }
        if (host.isBlank()) {
            throw new IllegalArgumentException("member " + id + " has no host");
        }
        checkHost(id, host);
        checkPort(id, "raft port", raftPort);
        checkPort(id, "client port", clientPort);
        if (raftPort == clientPort) {
            throw new IllegalArgumentException("member " + id + " has one port for raft and clients: " + raftPort);
        }
    }

    /**
     * Reads {@code id=host:raftPort:clientPort}, with an IPv6 host in brackets.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    public static Member parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("member \"" + text
                    + "\" is not of the form id=host:raftPort:clientPort, as in a=10.0.0.1:7101:7201");
        }
        String host = matcher.group(2);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        return new Member(
                matcher.group(1), host, Integer.parseInt(matcher.group(3)), Integer.parseInt(matcher.group(4)));
    }

    /**
     * This member at another place, such as where it listens: {@code host}, with this member's ports, or
     * {@code host:raftPort:clientPort}. An IPv6 host needs brackets. {@code ""} is this member as it is.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    public Member at(String place) {
        if (place.isEmpty()) {
            return this;
        }
        boolean isHostAlone = place.indexOf(':') < 0 || place.endsWith("]");
        Member there = parse(id + "=" + place + (isHostAlone ? ":" + raftPort + ":" + clientPort : ""));
        if (there.host.contains(":") && !place.startsWith("[")) {
            throw new IllegalArgumentException("\"" + place + "\": an IPv6 address needs brackets, as in [::]");
        }
        return there;
    }

    /** Where it talks to other members. */
    public HostPort raftAddress() {
        return new HostPort(host, raftPort);
    }

    /** Where it serves clients. */
    public HostPort clientAddress() {
        return new HostPort(host, clientPort);
    }

    /** Whether all addresses of its host are loopback; {@code false} if the host is unknown. Looks it up, which may block. */
    public boolean isLoopback() {
        try {
            return Arrays.stream(InetAddress.getAllByName(host)).allMatch(InetAddress::isLoopbackAddress);
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** Whatever cannot be connected to is refused here, and not when the first client or peer tries. */
    private static void checkHost(String id, String host) {
        try {
            HostPort.checkHost(host);
        } catch (InvalidAddressException e) {
            throw new IllegalArgumentException("member " + id + ": " + e.getMessage(), e);
        }
    }

    private static void checkPort(String id, String what, int port) {
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException(
                    "member " + id + " has " + what + " " + port + "; allowed are 1 to 65535");
        }
    }

    /** The form that {@link #parse} reads. */
    @Override
    public String toString() {
        String shown = host.contains(":") ? "[" + host + "]" : host;
        return id + "=" + shown + ":" + raftPort + ":" + clientPort;
    }
}
