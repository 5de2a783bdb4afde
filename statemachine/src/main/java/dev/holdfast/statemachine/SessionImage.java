package dev.holdfast.statemachine;

import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.SequencedOutcome;
import dev.holdfast.protocol.codec.OutcomeCodec;
import dev.holdfast.protocol.codec.TermCodec;
import dev.holdfast.protocol.v1.NumberedEventProto;
import dev.holdfast.protocol.v1.SequencedOutcomeProto;
import dev.holdfast.statemachine.v1.GrantProto;
import dev.holdfast.statemachine.v1.SessionProto;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What a session was at the start of a capture. Outcomes, events and grants never change, so only lists are copied. */
record SessionImage(
        Session session,
        boolean ended,
        long outcomesAcknowledged,
        long eventsAcknowledged,
        List<SequencedOutcome> outcomes,
        List<NumberedEvent> events,
        List<SequencedGrant> grants)
        implements StateImage {

    /** A grant to the acquire with that sequence; of several the last. */
    record SequencedGrant(long sequence, GrantRecord grant) {}

    static SessionImage of(Session session) {
        List<SequencedOutcome> outcomes = new ArrayList<>();
        session.forEachOutcome((sequence, outcome) -> outcomes.add(new SequencedOutcome(sequence, outcome)));
        List<NumberedEvent> events = new ArrayList<>(session.eventCount());
        session.forEachEvent(events::add);
        return new SessionImage(
                session,
                session.ended(),
                session.outcomesAcknowledged(),
                session.lastEventNumber() - session.eventCount(),
                outcomes,
                events,
                session.copyOfGrants());
    }

    @Override
    public int parts() {
        return outcomes.size() + events.size() + grants.size();
    }

    @Override
    public <X extends Exception> void encode(Fragments<X> fragments) throws X {
        Fragment<X> fragment = new Fragment<>(fragments);
        for (SequencedOutcome outcome : outcomes) {
            fragment.add(OutcomeCodec.encode(outcome));
        }
        for (NumberedEvent event : events) {
            fragment.add(OutcomeCodec.encode(event));
        }
        List<SequencedGrant> sorted = new ArrayList<>(grants);
        sorted.sort(Comparator.comparingLong(SequencedGrant::sequence));
        for (SequencedGrant grant : sorted) {
            for (GrantRecord each : grant.grant().inOrder()) {
                fragment.add(StateEncoder.encode(grant.sequence(), each));
            }
        }
        fragments.add(fragment.builder.build());
    }

    private final class Fragment<X extends Exception> extends Fragmenter<X> {
        private final Fragments<X> fragments;
        private SessionProto.Builder builder = SessionProto.newBuilder()
                .setId(TermCodec.encode(session.id))
                .setLeaseMs(session.leaseMs)
                .setHost(session.host)
                .setName(session.name)
                .setPrincipal(session.principal)
                .setAddress(session.address)
                .setSinceMs(session.sinceMs)
                .setOutcomesAcknowledged(outcomesAcknowledged)
                .setEventsAcknowledged(eventsAcknowledged)
                .setEnded(ended);

        Fragment(Fragments<X> fragments) {
            this.fragments = fragments;
        }

        void add(SequencedOutcomeProto outcome) throws X {
            makeRoom(outcome.getSerializedSize());
            builder.addOutcomes(outcome);
        }

        void add(NumberedEventProto event) throws X {
            makeRoom(event.getSerializedSize());
            builder.addEvents(event);
        }

        void add(GrantProto grant) throws X {
            makeRoom(grant.getSerializedSize());
            builder.addGrants(grant);
        }

        @Override
        void next(int number) throws X {
            fragments.add(builder.setMore(true).build());
            builder = SessionProto.newBuilder()
                    .setId(TermCodec.encode(session.id))
                    .setFragment(number);
        }
    }
}
