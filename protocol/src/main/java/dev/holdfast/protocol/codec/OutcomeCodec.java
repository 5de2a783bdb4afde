package dev.holdfast.protocol.codec;

import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.RejectionCode;
import dev.holdfast.protocol.SequencedOutcome;
import dev.holdfast.protocol.v1.CapacityExceededProto;
import dev.holdfast.protocol.v1.DrainedProto;
import dev.holdfast.protocol.v1.EmptyProto;
import dev.holdfast.protocol.v1.GrantedAllProto;
import dev.holdfast.protocol.v1.GrantedProto;
import dev.holdfast.protocol.v1.HoldLostProto;
import dev.holdfast.protocol.v1.LossReasonProto;
import dev.holdfast.protocol.v1.NotHeldProto;
import dev.holdfast.protocol.v1.NumberedEventProto;
import dev.holdfast.protocol.v1.RefusedAllProto;
import dev.holdfast.protocol.v1.RefusedProto;
import dev.holdfast.protocol.v1.RejectedProto;
import dev.holdfast.protocol.v1.RejectionCodeProto;
import dev.holdfast.protocol.v1.ReleaseRequestedProto;
import dev.holdfast.protocol.v1.SequencedOutcomeProto;
import dev.holdfast.protocol.v1.WaitEndProto;
import dev.holdfast.protocol.v1.WaitEndedProto;
import dev.holdfast.protocol.v1.WaitGrantedAllProto;
import dev.holdfast.protocol.v1.WaitGrantedProto;
import java.util.ArrayList;
import java.util.List;

/** Encodes and decodes outcomes and events. */
public final class OutcomeCodec {
    private static final EmptyProto EMPTY = EmptyProto.getDefaultInstance();

    public static SequencedOutcomeProto encode(SequencedOutcome sequenced) {
        SequencedOutcomeProto.Builder builder =
                SequencedOutcomeProto.newBuilder().setSequence(sequenced.sequence());
        Outcome outcome = sequenced.outcome();
        if (outcome instanceof Outcome.Granted granted) {
            builder.setGranted(encode(granted));
        } else if (outcome instanceof Outcome.Released released) {
            builder.setReleased(released.remaining());
        } else if (outcome instanceof Outcome.Queued queued) {
            builder.setQueued(queued.position());
        } else if (outcome instanceof Outcome.Refused refused) {
            RefusedProto.Builder proto = RefusedProto.newBuilder()
                    .setToken(refused.token())
                    .setAvailable(refused.available())
                    .setWaitersAhead(refused.waitersAhead());
            Owner holder = refused.holder();
            if (holder != null) {
                proto.setHolder(TermCodec.encode(holder));
            }
            builder.setRefused(proto);
        } else if (outcome instanceof Outcome.Extended extended) {
            builder.setExtended(extended.deadlineMs());
        } else if (outcome instanceof Outcome.NotHeld notHeld) {
            NotHeldProto.Builder proto = NotHeldProto.newBuilder().setHeld(notHeld.held());
            Owner holder = notHeld.holder();
            if (holder != null) {
                proto.setHolder(TermCodec.encode(holder));
            }
            builder.setNotHeld(proto);
        } else if (outcome instanceof Outcome.ForceReleased forced) {
            builder.setForceReleased(forced.holds());
        } else if (outcome instanceof Outcome.Cancelled cancelled) {
            builder.setCancelled(cancelled.undone());
        } else if (outcome instanceof Outcome.CapacityExceeded exceeded) {
            builder.setCapacityExceeded(CapacityExceededProto.newBuilder()
                    .setRequested(exceeded.requested())
                    .setAvailable(exceeded.available())
                    .setMax(exceeded.max()));
        } else if (outcome instanceof Outcome.Rejected rejected) {
            builder.setRejected(encode(rejected.code(), rejected.detail()));
        } else if (outcome instanceof Outcome.SessionOpened opened) {
            builder.setSessionOpened(TermCodec.encode(opened.session()));
        } else if (outcome instanceof Outcome.SessionClosed) {
            builder.setSessionClosed(EMPTY);
        } else if (outcome instanceof Outcome.Acknowledged) {
            builder.setAcknowledged(EMPTY);
        } else if (outcome instanceof Outcome.Attached) {
            builder.setAttached(EMPTY);
        } else if (outcome instanceof Outcome.Expiring expiring) {
            builder.setExpiring(expiring.deadlineMs());
        } else if (outcome instanceof Outcome.Shared shared) {
            builder.setShared(shared.acquires());
        } else if (outcome instanceof Outcome.Drained drained) {
            builder.setDrained(DrainedProto.newBuilder()
                    .setGranted(encode(drained.granted()))
                    .setPermits(drained.permits()));
        } else if (outcome instanceof Outcome.ReleaseRequested requested) {
            builder.setReleaseRequested(requested.holds());
        } else if (outcome instanceof Outcome.GrantedAll all) {
            GrantedAllProto.Builder proto = GrantedAllProto.newBuilder();
            all.grants().forEach(granted -> proto.addGrants(encode(granted)));
            builder.setGrantedAll(proto);
        } else if (outcome instanceof Outcome.RefusedAll refused) {
            RefusedAllProto.Builder proto = RefusedAllProto.newBuilder()
                    .setLockable(TermCodec.encode(refused.lockable()))
                    .setToken(refused.token())
                    .setWaitersAhead(refused.waitersAhead());
            Owner holder = refused.holder();
            if (holder != null) {
                proto.setHolder(TermCodec.encode(holder));
            }
            builder.setRefusedAll(proto);
        } else if (outcome instanceof Outcome.RulesChanged rules) {
            builder.setRulesChanged(rules.changed());
        }
        return builder.build();
    }

    public static SequencedOutcome decode(SequencedOutcomeProto sequenced) throws MalformedMessageException {
        Outcome outcome = switch (sequenced.getOutcomeCase()) {
            case GRANTED -> decode(sequenced.getGranted());
            case RELEASED -> new Outcome.Released(sequenced.getReleased());
            case QUEUED -> new Outcome.Queued(sequenced.getQueued());
            case REFUSED -> {
                RefusedProto refused = sequenced.getRefused();
                yield new Outcome.Refused(
                        refused.hasHolder() ? TermCodec.decode(refused.getHolder()) : null,
                        refused.getToken(),
                        refused.getAvailable(),
                        refused.getWaitersAhead());
            }
            case EXTENDED -> new Outcome.Extended(sequenced.getExtended());
            case NOT_HELD ->
                new Outcome.NotHeld(
                        sequenced.getNotHeld().hasHolder()
                                ? TermCodec.decode(sequenced.getNotHeld().getHolder())
                                : null,
                        sequenced.getNotHeld().getHeld());
            case FORCE_RELEASED -> new Outcome.ForceReleased(sequenced.getForceReleased());
            case CANCELLED -> new Outcome.Cancelled(sequenced.getCancelled());
            case CAPACITY_EXCEEDED ->
                new Outcome.CapacityExceeded(
                        sequenced.getCapacityExceeded().getRequested(),
                        sequenced.getCapacityExceeded().getAvailable(),
                        sequenced.getCapacityExceeded().getMax());
            case REJECTED ->
                new Outcome.Rejected(
                        decode(sequenced.getRejected().getCode()),
                        sequenced.getRejected().getDetail());
            case SESSION_OPENED -> new Outcome.SessionOpened(TermCodec.decode(sequenced.getSessionOpened()));
            case SESSION_CLOSED -> new Outcome.SessionClosed();
            case ACKNOWLEDGED -> new Outcome.Acknowledged();
            case ATTACHED -> new Outcome.Attached();
            case EXPIRING -> new Outcome.Expiring(sequenced.getExpiring());
            case SHARED -> new Outcome.Shared(sequenced.getShared());
            case DRAINED ->
                new Outcome.Drained(
                        decode(sequenced.getDrained().getGranted()),
                        sequenced.getDrained().getPermits());
            case RELEASE_REQUESTED -> new Outcome.ReleaseRequested(sequenced.getReleaseRequested());
            case GRANTED_ALL ->
                new Outcome.GrantedAll(decode(sequenced.getGrantedAll().getGrantsList()));
            case REFUSED_ALL -> {
                RefusedAllProto refused = sequenced.getRefusedAll();
                yield new Outcome.RefusedAll(
                        TermCodec.decode(refused.getLockable()),
                        refused.hasHolder() ? TermCodec.decode(refused.getHolder()) : null,
                        refused.getToken(),
                        refused.getWaitersAhead());
            }
            case RULES_CHANGED -> new Outcome.RulesChanged(sequenced.getRulesChanged());
            case OUTCOME_NOT_SET -> throw new MalformedMessageException("unknown outcome");
        };
        return new SequencedOutcome(sequenced.getSequence(), outcome);
    }

    private static GrantedProto encode(Outcome.Granted granted) {
        return GrantedProto.newBuilder()
                .setToken(granted.token())
                .setDeadlineMs(granted.deadlineMs())
                .setCount(granted.count())
                .setReacquired(granted.reacquired())
                .build();
    }

    private static Outcome.Granted decode(GrantedProto granted) {
        return new Outcome.Granted(
                granted.getToken(), granted.getDeadlineMs(), granted.getCount(), granted.getReacquired());
    }

    private static List<Outcome.Granted> decode(List<GrantedProto> grants) {
        List<Outcome.Granted> decoded = new ArrayList<>(grants.size());
        grants.forEach(granted -> decoded.add(decode(granted)));
        return decoded;
    }

    public static NumberedEventProto encode(NumberedEvent numbered) {
        NumberedEventProto.Builder builder = NumberedEventProto.newBuilder().setNumber(numbered.number());
        Event event = numbered.event();
        if (event instanceof Event.WaitGranted granted) {
            builder.setWaitGranted(WaitGrantedProto.newBuilder()
                    .setAcquireSequence(granted.acquireSequence())
                    .setToken(granted.token())
                    .setDeadlineMs(granted.deadlineMs())
                    .setCount(granted.count())
                    .setReacquired(granted.reacquired()));
        } else if (event instanceof Event.WaitEnded ended) {
            builder.setWaitEnded(WaitEndedProto.newBuilder()
                    .setAcquireSequence(ended.acquireSequence())
                    .setReason(
                            switch (ended.reason()) {
                                case TIMED_OUT -> WaitEndProto.WAIT_END_TIMED_OUT;
                            }));
        } else if (event instanceof Event.HoldLost lost) {
            builder.setHoldLost(HoldLostProto.newBuilder()
                    .setLockable(TermCodec.encode(lost.lockable()))
                    .setOwner(TermCodec.encode(lost.owner()))
                    .setToken(lost.token())
                    .setReason(encode(lost.reason()))
                    .setAtMs(lost.atMs()));
        } else if (event instanceof Event.ReleaseRequested requested) {
            builder.setReleaseRequested(ReleaseRequestedProto.newBuilder()
                    .setLockable(TermCodec.encode(requested.lockable()))
                    .setOwner(TermCodec.encode(requested.owner()))
                    .setToken(requested.token()));
        } else if (event instanceof Event.WaitGrantedAll all) {
            WaitGrantedAllProto.Builder proto =
                    WaitGrantedAllProto.newBuilder().setAcquireSequence(all.acquireSequence());
            all.grants().forEach(granted -> proto.addGrants(encode(granted)));
            builder.setWaitGrantedAll(proto);
        }
        return builder.build();
    }

    public static NumberedEvent decode(NumberedEventProto numbered) throws MalformedMessageException {
        Event event = switch (numbered.getEventCase()) {
            case WAIT_GRANTED -> {
                WaitGrantedProto granted = numbered.getWaitGranted();
                yield new Event.WaitGranted(
                        granted.getAcquireSequence(),
                        granted.getToken(),
                        granted.getDeadlineMs(),
                        granted.getCount(),
                        granted.getReacquired());
            }
            case WAIT_ENDED ->
                new Event.WaitEnded(
                        numbered.getWaitEnded().getAcquireSequence(),
                        switch (numbered.getWaitEnded().getReason()) {
                            case WAIT_END_TIMED_OUT -> Event.WaitEnd.TIMED_OUT;
                            case WAIT_END_UNSPECIFIED, UNRECOGNIZED ->
                                throw new MalformedMessageException("unknown reason for the end of a wait");
                        });
            case HOLD_LOST -> {
                HoldLostProto lost = numbered.getHoldLost();
                yield new Event.HoldLost(
                        TermCodec.decode(lost.getLockable()),
                        TermCodec.decode(lost.getOwner()),
                        lost.getToken(),
                        decode(lost.getReason()),
                        lost.getAtMs());
            }
            case RELEASE_REQUESTED ->
                new Event.ReleaseRequested(
                        TermCodec.decode(numbered.getReleaseRequested().getLockable()),
                        TermCodec.decode(numbered.getReleaseRequested().getOwner()),
                        numbered.getReleaseRequested().getToken());
            case WAIT_GRANTED_ALL ->
                new Event.WaitGrantedAll(
                        numbered.getWaitGrantedAll().getAcquireSequence(),
                        decode(numbered.getWaitGrantedAll().getGrantsList()));
            case EVENT_NOT_SET -> throw new MalformedMessageException("unknown event");
        };
        return new NumberedEvent(numbered.getNumber(), event);
    }

    static RejectedProto encode(RejectionCode code, String detail) {
        return RejectedProto.newBuilder()
                .setCode(encode(code))
                .setDetail(detail)
                .build();
    }

    public static RejectionCodeProto encode(RejectionCode code) {
        return switch (code) {
            case SESSION_UNKNOWN -> RejectionCodeProto.REJECTION_CODE_SESSION_UNKNOWN;
            case SEQUENCE_STALE -> RejectionCodeProto.REJECTION_CODE_SEQUENCE_STALE;
            case INVALID -> RejectionCodeProto.REJECTION_CODE_INVALID;
            case TOO_LONG -> RejectionCodeProto.REJECTION_CODE_TOO_LONG;
            case LIMIT_REACHED -> RejectionCodeProto.REJECTION_CODE_LIMIT_REACHED;
            case STATE_FULL -> RejectionCodeProto.REJECTION_CODE_STATE_FULL;
            case FORBIDDEN -> RejectionCodeProto.REJECTION_CODE_FORBIDDEN;
            case UNSUPPORTED -> RejectionCodeProto.REJECTION_CODE_UNSUPPORTED;
        };
    }

    public static RejectionCode decode(RejectionCodeProto code) throws MalformedMessageException {
        return switch (code) {
            case REJECTION_CODE_SESSION_UNKNOWN -> RejectionCode.SESSION_UNKNOWN;
            case REJECTION_CODE_SEQUENCE_STALE -> RejectionCode.SEQUENCE_STALE;
            case REJECTION_CODE_INVALID -> RejectionCode.INVALID;
            case REJECTION_CODE_TOO_LONG -> RejectionCode.TOO_LONG;
            case REJECTION_CODE_LIMIT_REACHED -> RejectionCode.LIMIT_REACHED;
            case REJECTION_CODE_STATE_FULL -> RejectionCode.STATE_FULL;
            case REJECTION_CODE_FORBIDDEN -> RejectionCode.FORBIDDEN;
            case REJECTION_CODE_UNSUPPORTED -> RejectionCode.UNSUPPORTED;
            case REJECTION_CODE_UNSPECIFIED, UNRECOGNIZED ->
                throw new MalformedMessageException("unknown rejection code");
        };
    }

    private static LossReasonProto encode(Event.LossReason reason) {
        return switch (reason) {
            case EXPIRED -> LossReasonProto.LOSS_REASON_EXPIRED;
            case FORCE_RELEASED -> LossReasonProto.LOSS_REASON_FORCE_RELEASED;
            case RELEASED_ELSEWHERE -> LossReasonProto.LOSS_REASON_RELEASED_ELSEWHERE;
        };
    }

    private static Event.LossReason decode(LossReasonProto reason) throws MalformedMessageException {
        return switch (reason) {
            case LOSS_REASON_EXPIRED -> Event.LossReason.EXPIRED;
            case LOSS_REASON_FORCE_RELEASED -> Event.LossReason.FORCE_RELEASED;
            case LOSS_REASON_RELEASED_ELSEWHERE -> Event.LossReason.RELEASED_ELSEWHERE;
            case LOSS_REASON_UNSPECIFIED, UNRECOGNIZED ->
                throw new MalformedMessageException("unknown reason for a loss");
        };
    }

    private OutcomeCodec() {}
}
