package dev.holdfast.statemachine;

import dev.holdfast.protocol.AuditRecord;
import dev.holdfast.protocol.Rule;
import dev.holdfast.protocol.codec.RuleCodec;
import dev.holdfast.protocol.v1.AuditRecordProto;
import dev.holdfast.protocol.v1.RuleProto;
import dev.holdfast.statemachine.v1.AccessProto;
import dev.holdfast.statemachine.v1.JoinTokenProto;
import java.util.List;

/** The rules, the audit and the join tokens at the start of a capture. */
record AccessImage(List<Rule> rules, List<AuditRecord> audit, List<JoinToken> joins) implements StateImage {

    static AccessImage of(MachineState state) {
        return new AccessImage(state.rules.list(), state.audit.list(), state.joins.list());
    }

    @Override
    public int parts() {
        return rules.size() + audit.size() + joins.size();
    }

    /** Nothing if there is nothing of these. */
    @Override
    public <X extends Exception> void encode(Fragments<X> fragments) throws X {
        AccessProto.Builder builder = AccessProto.newBuilder();
        int bytes = 0;
        for (Rule rule : rules) {
            RuleProto proto = RuleCodec.encode(rule);
            bytes = makeRoom(bytes, proto.getSerializedSize(), builder, fragments);
            builder.addRules(proto);
        }
        for (AuditRecord each : audit) {
            AuditRecordProto proto = RuleCodec.encode(each);
            bytes = makeRoom(bytes, proto.getSerializedSize(), builder, fragments);
            builder.addAudit(proto);
        }
        for (JoinToken each : joins) {
            JoinTokenProto proto = StateEncoder.encode(each);
            bytes = makeRoom(bytes, proto.getSerializedSize(), builder, fragments);
            builder.addJoinTokens(proto);
        }
        if (bytes > 0) {
            fragments.add(builder.build());
        }
    }

    /** Returns how many bytes the fragment will have with the next part. */
    private static <X extends Exception> int makeRoom(
            int bytes, int more, AccessProto.Builder builder, Fragments<X> fragments) throws X {
        if (bytes < FRAGMENT_BYTES) {
            return bytes + more;
        }
        fragments.add(builder.build());
        builder.clear();
        return more;
    }
}
