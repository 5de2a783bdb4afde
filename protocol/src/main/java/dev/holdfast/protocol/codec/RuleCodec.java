package dev.holdfast.protocol.codec;

import dev.holdfast.protocol.AuditRecord;
import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.OwnerBinding;
import dev.holdfast.protocol.Role;
import dev.holdfast.protocol.Rule;
import dev.holdfast.protocol.v1.AuditRecordProto;
import dev.holdfast.protocol.v1.CallerProto;
import dev.holdfast.protocol.v1.OwnerBindingProto;
import dev.holdfast.protocol.v1.RoleProto;
import dev.holdfast.protocol.v1.RuleProto;

/** Encodes and decodes rules, the records of the audit, and who did what is in them. */
public final class RuleCodec {

    public static RuleProto encode(Rule rule) {
        return RuleProto.newBuilder()
                .setSubject(rule.subject())
                .setRole(
                        switch (rule.role()) {
                            case READ -> RoleProto.ROLE_READ;
                            case LOCK -> RoleProto.ROLE_LOCK;
                            case FORCE -> RoleProto.ROLE_FORCE;
                            case ADMIN -> RoleProto.ROLE_ADMIN;
                        })
                .setKeyPrefix(rule.keyPrefix())
                .setBinding(
                        switch (rule.binding()) {
                            case ANY -> OwnerBindingProto.OWNER_BINDING_ANY;
                            case OWNER -> OwnerBindingProto.OWNER_BINDING_OWNER;
                            case WITHIN -> OwnerBindingProto.OWNER_BINDING_WITHIN;
                        })
                .build();
    }

    public static Rule decode(RuleProto rule) throws MalformedMessageException {
        Role role = switch (rule.getRole()) {
            case ROLE_READ -> Role.READ;
            case ROLE_LOCK -> Role.LOCK;
            case ROLE_FORCE -> Role.FORCE;
            case ROLE_ADMIN -> Role.ADMIN;
            case ROLE_UNSPECIFIED, UNRECOGNIZED -> throw new MalformedMessageException("unknown role");
        };
        OwnerBinding binding = switch (rule.getBinding()) {
            case OWNER_BINDING_ANY -> OwnerBinding.ANY;
            case OWNER_BINDING_OWNER -> OwnerBinding.OWNER;
            case OWNER_BINDING_WITHIN -> OwnerBinding.WITHIN;
            case UNRECOGNIZED -> throw new MalformedMessageException("unknown binding of the owner");
        };
        return new Rule(rule.getSubject(), role, rule.getKeyPrefix(), binding);
    }

    public static AuditRecordProto encode(AuditRecord each) {
        return AuditRecordProto.newBuilder()
                .setNumber(each.number())
                .setAtEpochMs(each.atEpochMs())
                .setPrincipal(each.principal())
                .setAddress(each.address())
                .setAction(each.action())
                .setTarget(each.target())
                .setDetail(each.detail())
                .build();
    }

    public static AuditRecord decode(AuditRecordProto each) {
        return new AuditRecord(
                each.getNumber(),
                each.getAtEpochMs(),
                each.getPrincipal(),
                each.getAddress(),
                each.getAction(),
                each.getTarget(),
                each.getDetail());
    }

    public static CallerProto encode(Caller caller) {
        return CallerProto.newBuilder()
                .setPrincipal(caller.principal())
                .setAddress(caller.address())
                .setAtEpochMs(caller.atEpochMs())
                .build();
    }

    public static Caller decode(CallerProto caller) {
        return new Caller(caller.getPrincipal(), caller.getAddress(), caller.getAtEpochMs());
    }

    private RuleCodec() {}
}
