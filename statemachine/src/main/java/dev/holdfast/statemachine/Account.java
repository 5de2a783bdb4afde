package dev.holdfast.statemachine;

import dev.holdfast.protocol.SessionId;
import java.util.NavigableMap;
import java.util.TreeMap;

/** The sessions of one principal, or else of one address, which share what one account may take. Derived from the sessions. */
final class Account {
    private final String name;
    private final NavigableMap<SessionId, Session> open = new TreeMap<>();
    private int sessions;
    private long bytes;

    /** @param name what people call it */
    Account(String name) {
        this.name = name;
    }

    String name() {
        return name;
    }

    /** About how many bytes of the state are there for its sessions, also for those that have ended and leave something behind. */
    long bytes() {
        return bytes;
    }

    void charge(long more) {
        bytes += more;
    }

    /** Those that are open, in the order of their ids. */
    NavigableMap<SessionId, Session> open() {
        return open;
    }

    /** Whether none is left, not even one that has ended. */
    boolean isEmpty() {
        return sessions == 0;
    }

    void add(Session session) {
        sessions++;
        open.put(session.id, session);
        charge(Footprint.of(session));
    }

    void ended(Session session) {
        open.remove(session.id);
    }

    void remove(Session session) {
        sessions--;
        charge(-Footprint.of(session));
    }
}
