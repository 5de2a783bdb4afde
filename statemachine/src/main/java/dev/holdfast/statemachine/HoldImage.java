package dev.holdfast.statemachine;

import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.SessionId;
import java.util.List;

/** What a hold was at the start of a capture. */
record HoldImage(
        Owner owner,
        long token,
        long sinceMs,
        int count,
        long joins,
        boolean untilReleased,
        long deadlineMs,
        List<Link> links) {

    record Link(SessionId session, boolean keepsAlive, long joins, int kept, long order) {
        static Link of(HoldLink link) {
            return new Link(link.session.id, link.keepsAlive(), link.joins(), link.kept(), link.order);
        }
    }

    static HoldImage of(Hold hold) {
        return new HoldImage(
                hold.owner,
                hold.token,
                hold.sinceMs,
                hold.count(),
                hold.joins(),
                hold.untilReleased(),
                hold.deadlineMs(),
                links(hold.sortedLinks()));
    }

    private static List<Link> links(List<HoldLink> links) {
        return links.size() == 1
                ? List.of(Link.of(links.get(0)))
                : links.stream().map(Link::of).toList();
    }
}
