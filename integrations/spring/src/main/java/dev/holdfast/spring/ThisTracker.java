package dev.holdfast.spring;

import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.asm.ConstantDynamic;
import org.springframework.asm.Handle;
import org.springframework.asm.Label;
import org.springframework.asm.MethodVisitor;
import org.springframework.asm.Opcodes;
import org.springframework.asm.SpringAsmInfo;
import org.springframework.asm.Type;

/**
 * Follows {@code this} through the operand stack and the local variables of one method, so as to tell {@code this.work()} from
 * {@code self.work()}, which look alike otherwise. It reads the method once, from top to bottom; where the
 * code jumps to, the stack is as it was where it jumped. That is how compilers lay out code.
 *
 * <p>In an inner class it follows the bean instead, which such a class has in a field {@code this$0}.
 */
abstract class ThisTracker extends MethodVisitor {
    private final boolean inner;
    private final String caller;
    private final Set<String> signatures;

    /** One bit for each word on the stack: whether it is {@code this}. */
    private BitSet stack = new BitSet();

    private int depth;
    private final BitSet locals = new BitSet();
    private boolean reachable = true;
    private final Map<Label, Jump> jumps = new HashMap<>();
    private final Set<Label> handlers = new HashSet<>();
    private int line;

    private record Jump(BitSet stack, int depth) {}

    /**
     * @param instance whether the first local variable is what to follow
     * @param inner whether it is in a field {@code this$0}
     */
    ThisTracker(boolean instance, boolean inner, String caller, Set<String> signatures) {
        super(SpringAsmInfo.ASM_VERSION);
        this.inner = inner;
        this.caller = caller;
        this.signatures = signatures;
        locals.set(0, instance);
    }

    /** That method is called on {@code this}. */
    abstract void called(String callee, int line);

    /** It is an argument of a method that is called. */
    abstract void handedOver(String owner, String called, int argument, String type, int line);

    private void push(int words) {
        for (int i = 0; i < words; i++) {
            pushOne(false);
        }
    }

    private void pushOne(boolean isThis) {
        stack.set(depth, isThis);
        depth++;
    }

    private void pop(int words) {
        depth = Math.max(0, depth - words);
        stack.clear(depth, Math.max(depth, stack.length()));
    }

    private boolean at(int down) {
        return down <= depth && stack.get(depth - down);
    }

    private void effect(int pops, int pushes) {
        pop(pops);
        push(pushes);
    }

    /** Puts a copy of the topmost words below that many others. */
    private void duplicate(int words, int below) {
        boolean[] top = new boolean[words + below];
        for (int i = 0; i < top.length; i++) {
            top[i] = at(top.length - i);
        }
        pop(top.length);
        for (int i = 0; i < words; i++) {
            pushOne(top[below + i]);
        }
        for (boolean each : top) {
            pushOne(each);
        }
    }

    private void jump(Label to) {
        jumps.putIfAbsent(to, new Jump((BitSet) stack.clone(), depth));
    }

    private void end() {
        reachable = false;
        pop(depth);
    }

    @Override
    public void visitLineNumber(int at, Label start) {
        line = at;
    }

    @Override
    public void visitTryCatchBlock(Label start, Label end, Label handler, @Nullable String type) {
        handlers.add(handler);
    }

    @Override
    public void visitLabel(Label label) {
        if (handlers.contains(label)) {
            pop(depth);
            push(1);
        } else if (!reachable) {
            Jump from = jumps.get(label);
            stack = from == null ? new BitSet() : (BitSet) from.stack.clone();
            depth = from == null ? 0 : from.depth;
        }
        reachable = true;
    }

    @Override
    public void visitInsn(int opcode) {
        switch (opcode) {
            case Opcodes.ACONST_NULL,
                    Opcodes.ICONST_M1,
                    Opcodes.ICONST_0,
                    Opcodes.ICONST_1,
                    Opcodes.ICONST_2,
                    Opcodes.ICONST_3,
                    Opcodes.ICONST_4,
                    Opcodes.ICONST_5,
                    Opcodes.FCONST_0,
                    Opcodes.FCONST_1,
                    Opcodes.FCONST_2 -> push(1);
            case Opcodes.LCONST_0, Opcodes.LCONST_1, Opcodes.DCONST_0, Opcodes.DCONST_1 -> push(2);
            case Opcodes.IALOAD, Opcodes.FALOAD, Opcodes.AALOAD, Opcodes.BALOAD, Opcodes.CALOAD, Opcodes.SALOAD ->
                effect(2, 1);
            case Opcodes.LALOAD, Opcodes.DALOAD -> effect(2, 2);
            case Opcodes.IASTORE, Opcodes.FASTORE, Opcodes.AASTORE, Opcodes.BASTORE, Opcodes.CASTORE, Opcodes.SASTORE ->
                pop(3);
            case Opcodes.LASTORE, Opcodes.DASTORE -> pop(4);
            case Opcodes.POP, Opcodes.MONITORENTER, Opcodes.MONITOREXIT -> pop(1);
            case Opcodes.POP2 -> pop(2);
            case Opcodes.DUP -> duplicate(1, 0);
            case Opcodes.DUP_X1 -> duplicate(1, 1);
            case Opcodes.DUP_X2 -> duplicate(1, 2);
            case Opcodes.DUP2 -> duplicate(2, 0);
            case Opcodes.DUP2_X1 -> duplicate(2, 1);
            case Opcodes.DUP2_X2 -> duplicate(2, 2);
            case Opcodes.SWAP -> {
                boolean top = at(1);
                boolean second = at(2);
                pop(2);
                pushOne(top);
                pushOne(second);
            }
            case Opcodes.IADD,
                    Opcodes.FADD,
                    Opcodes.ISUB,
                    Opcodes.FSUB,
                    Opcodes.IMUL,
                    Opcodes.FMUL,
                    Opcodes.IDIV,
                    Opcodes.FDIV,
                    Opcodes.IREM,
                    Opcodes.FREM,
                    Opcodes.ISHL,
                    Opcodes.ISHR,
                    Opcodes.IUSHR,
                    Opcodes.IAND,
                    Opcodes.IOR,
                    Opcodes.IXOR,
                    Opcodes.FCMPL,
                    Opcodes.FCMPG -> effect(2, 1);
            case Opcodes.LADD,
                    Opcodes.DADD,
                    Opcodes.LSUB,
                    Opcodes.DSUB,
                    Opcodes.LMUL,
                    Opcodes.DMUL,
                    Opcodes.LDIV,
                    Opcodes.DDIV,
                    Opcodes.LREM,
                    Opcodes.DREM,
                    Opcodes.LAND,
                    Opcodes.LOR,
                    Opcodes.LXOR -> effect(4, 2);
            case Opcodes.LSHL, Opcodes.LSHR, Opcodes.LUSHR -> effect(3, 2);
            case Opcodes.LCMP, Opcodes.DCMPL, Opcodes.DCMPG -> effect(4, 1);
            case Opcodes.I2L, Opcodes.I2D, Opcodes.F2L, Opcodes.F2D -> effect(1, 2);
            case Opcodes.L2I, Opcodes.L2F, Opcodes.D2I, Opcodes.D2F -> effect(2, 1);
            case Opcodes.ARRAYLENGTH -> effect(1, 1);
            case Opcodes.IRETURN,
                    Opcodes.LRETURN,
                    Opcodes.FRETURN,
                    Opcodes.DRETURN,
                    Opcodes.ARETURN,
                    Opcodes.RETURN,
                    Opcodes.ATHROW -> end();
            default -> {
                // Negations and conversions between types of one size leave the stack as it is.
            }
        }
    }

    @Override
    public void visitIntInsn(int opcode, int operand) {
        if (opcode == Opcodes.NEWARRAY) {
            effect(1, 1);
        } else {
            push(1);
        }
    }

    @Override
    public void visitVarInsn(int opcode, int variable) {
        switch (opcode) {
            case Opcodes.ALOAD -> pushOne(locals.get(variable));
            case Opcodes.ILOAD, Opcodes.FLOAD -> push(1);
            case Opcodes.LLOAD, Opcodes.DLOAD -> push(2);
            case Opcodes.ASTORE -> {
                locals.set(variable, at(1));
                pop(1);
            }
            case Opcodes.ISTORE, Opcodes.FSTORE -> {
                locals.clear(variable);
                pop(1);
            }
            case Opcodes.LSTORE, Opcodes.DSTORE -> {
                locals.clear(variable, variable + 2);
                pop(2);
            }
            default -> {
                // RET, which no compiler has made since Java 6.
            }
        }
    }

    @Override
    public void visitTypeInsn(int opcode, String type) {
        switch (opcode) {
            case Opcodes.NEW -> push(1);
            case Opcodes.ANEWARRAY, Opcodes.INSTANCEOF -> effect(1, 1);
            default -> {
                // A cast leaves what it casts.
            }
        }
    }

    @Override
    public void visitFieldInsn(int opcode, String owner, String name, String descriptor) {
        int size = Type.getType(descriptor).getSize();
        switch (opcode) {
            case Opcodes.GETSTATIC -> push(size);
            case Opcodes.PUTSTATIC -> pop(size);
            case Opcodes.PUTFIELD -> pop(size + 1);
            default -> {
                pop(1);
                if (inner && name.startsWith("this$")) {
                    pushOne(true);
                } else {
                    push(size);
                }
            }
        }
    }

    @Override
    public void visitMethodInsn(int opcode, String owner, String name, String descriptor, boolean isInterface) {
        int sizes = Type.getArgumentsAndReturnSizes(descriptor);
        int words = sizes >> 2;
        if (opcode == Opcodes.INVOKESTATIC) {
            words--;
        } else if (at(words)) {
            // An override that calls what it overrides is under the lock already.
            boolean overridden = opcode == Opcodes.INVOKESPECIAL && caller.equals(name + descriptor);
            if (!overridden) {
                report(name + descriptor);
            }
        }
        reportArguments(owner, name, Type.getArgumentTypes(descriptor));
        effect(words, sizes & 3);
    }

    @Override
    public void visitInvokeDynamicInsn(String name, String descriptor, Handle bootstrap, Object... arguments) {
        int sizes = Type.getArgumentsAndReturnSizes(descriptor);
        int words = (sizes >> 2) - 1;
        // What a method reference is bound to is the first that it captures.
        if (words > 0 && at(words)) {
            for (Object argument : arguments) {
                if (argument instanceof Handle referred) {
                    report(referred.getName() + referred.getDesc());
                }
            }
        }
        effect(words, sizes & 3);
    }

    private void reportArguments(String owner, String name, Type[] types) {
        int down = 0;
        for (int i = types.length - 1; i >= 0; i--) {
            down += types[i].getSize();
            if (types[i].getSort() == Type.OBJECT && at(down)) {
                handedOver(owner, name, i, types[i].getInternalName(), line);
            }
        }
    }

    private void report(String callee) {
        if (signatures.contains(callee)) {
            called(callee, line);
        }
    }

    @Override
    public void visitJumpInsn(int opcode, Label to) {
        switch (opcode) {
            case Opcodes.GOTO -> {
                jump(to);
                end();
            }
            case Opcodes.IFEQ,
                    Opcodes.IFNE,
                    Opcodes.IFLT,
                    Opcodes.IFGE,
                    Opcodes.IFGT,
                    Opcodes.IFLE,
                    Opcodes.IFNULL,
                    Opcodes.IFNONNULL -> {
                pop(1);
                jump(to);
            }
            default -> {
                pop(2);
                jump(to);
            }
        }
    }

    @Override
    public void visitLdcInsn(Object value) {
        boolean wide = value instanceof Long
                || value instanceof Double
                || (value instanceof ConstantDynamic dynamic && dynamic.getSize() == 2);
        push(wide ? 2 : 1);
    }

    @Override
    public void visitTableSwitchInsn(int min, int max, Label otherwise, Label... labels) {
        visitSwitch(otherwise, labels);
    }

    @Override
    public void visitLookupSwitchInsn(Label otherwise, int[] keys, Label[] labels) {
        visitSwitch(otherwise, labels);
    }

    private void visitSwitch(Label otherwise, Label[] labels) {
        pop(1);
        jump(otherwise);
        for (Label each : labels) {
            jump(each);
        }
        end();
    }

    @Override
    public void visitMultiANewArrayInsn(String descriptor, int dimensions) {
        effect(dimensions, 1);
    }
}
