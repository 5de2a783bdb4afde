package dev.holdfast.jepsen.checker;

import dev.holdfast.jepsen.history.Call;
import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.history.Result;
import org.jspecify.annotations.Nullable;

/** A resource that takes a write only if its token is not below the highest seen. */
public final class FencedRegisterModel implements Model<FencedRegisterModel.Register> {
    /** What it holds, and the highest token it has seen. */
    public record Register(long value, long token) {}

    @Override
    public Register initial() {
        return new Register(0, 0);
    }

    @Override
    public @Nullable Register step(Register register, Operation operation) {
        Result result = operation.result();
        if (operation.call() instanceof Call.Write write) {
            boolean stale = write.token() < register.token();
            if (result instanceof Result.Stale) {
                return stale ? register : null;
            }
            return stale ? null : new Register(write.value(), write.token());
        } else if (operation.call() instanceof Call.Read) {
            return result instanceof Result.Value read && read.value() != register.value() ? null : register;
        }
        throw new IllegalArgumentException("no operation on a register: " + operation.call());
    }

    @Override
    public boolean onlyReads(Operation operation) {
        return operation.call() instanceof Call.Read || operation.result() instanceof Result.Stale;
    }
}
