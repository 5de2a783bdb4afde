package dev.holdfast.jepsen.checker;

import dev.holdfast.jepsen.history.Call;
import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.history.Result;
import org.jspecify.annotations.Nullable;

/** A resource that takes a write, or a read with a token, only if its token is not below the highest seen. */
public final class FencedRegisterModel implements Model<FencedRegisterModel.Register> {
    /** Its value, and the highest token it has seen. */
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
        } else if (operation.call() instanceof Call.Read read) {
            return read(register, read, result);
        }
        throw new IllegalArgumentException("not an operation on a register: " + operation.call());
    }

    private static @Nullable Register read(Register register, Call.Read read, Result result) {
        boolean stale = read.token() != 0 && read.token() < register.token();
        if (stale || result instanceof Result.Stale) {
            return stale && !(result instanceof Result.Value) ? register : null;
        }
        if (result instanceof Result.Value seen && seen.value() != register.value()) {
            return null;
        }
        return new Register(register.value(), Math.max(register.token(), read.token()));
    }

    @Override
    public boolean onlyReads(Operation operation) {
        return operation.result() instanceof Result.Stale
                || (operation.call() instanceof Call.Read read && read.token() == 0);
    }
}
