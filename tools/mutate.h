/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the rewritten sources of tools/mutate_source.py consist of. ota_mutant chooses one mutant;
 * 0: the program as it was written. Every operand is evaluated as often as it was before.
 *
 * With OTA_REACH nothing is changed: it is noted which mutants would have made a difference to
 * the value at their place. Where that cannot be told without evaluating more than the program
 * does, being there counts as a difference.
 */
#ifndef OTA_MUTATE_H
#define OTA_MUTATE_H

extern int ota_mutant;
extern unsigned char ota_reached[];

#ifndef OTA_REACH

#define OTA_MUTATE_HERE(first, last) (ota_mutant >= (first) && ota_mutant <= (last))

#define OTA_MUTATE_AND(swap, left, right, a, b)                                                    \
    ({                                                                                             \
        int x_ = !!(a);                                                                            \
        int m_ = ota_mutant;                                                                       \
        m_ == (left) ? x_ : m_ == (right) || x_ != (m_ == (swap)) ? !!(b) : x_;                    \
    })
#define OTA_MUTATE_OR(swap, left, right, a, b)                                                     \
    ({                                                                                             \
        int x_ = !!(a);                                                                            \
        int m_ = ota_mutant;                                                                       \
        m_ == (left) ? x_ : m_ == (right) || x_ == (m_ == (swap)) ? !!(b) : x_;                    \
    })
#define OTA_MUTATE_RELATION1(op, op1, id1, a, b)                                                   \
    ({                                                                                             \
        __auto_type x_ = (a);                                                                      \
        __auto_type y_ = (b);                                                                      \
        ota_mutant == (id1) ? x_ op1 y_ : x_ op y_;                                                \
    })
#define OTA_MUTATE_RELATION2(op, op1, id1, op2, id2, a, b)                                         \
    ({                                                                                             \
        __auto_type x_ = (a);                                                                      \
        __auto_type y_ = (b);                                                                      \
        ota_mutant == (id1) ? x_ op1 y_ : ota_mutant == (id2) ? x_ op2 y_ : x_ op y_;              \
    })
#define OTA_MUTATE_BINARY(op, op1, id, a, b)                                                       \
    ({                                                                                             \
        __auto_type x_ = (a);                                                                      \
        __auto_type y_ = (b);                                                                      \
        ota_mutant == (id) ? x_ op1 y_ : x_ op y_;                                                 \
    })
#define OTA_MUTATE_ASSIGN(op, op1, id, a, b)                                                       \
    ({                                                                                             \
        __auto_type y_ = (b);                                                                      \
        __auto_type p_ = &(a);                                                                     \
        ota_mutant == (id) ? (*p_ op1 y_) : (*p_ op y_);                                           \
    })
#define OTA_MUTATE_AFTER(op, op1, id, a)                                                           \
    ({                                                                                             \
        __auto_type p_ = &(a);                                                                     \
        ota_mutant == (id) ? (*p_)op1 : (*p_)op;                                                   \
    })
#define OTA_MUTATE_BEFORE(op, op1, id, a)                                                          \
    ({                                                                                             \
        __auto_type p_ = &(a);                                                                     \
        ota_mutant == (id) ? op1 * p_ : op * p_;                                                   \
    })
#define OTA_MUTATE_NOT(id, a)    (!(a) != (ota_mutant == (id)))
#define OTA_MUTATE_TRUTH(id, a)  (!!(a) != (ota_mutant == (id)))
#define OTA_MUTATE_MINUS(id, a)  (ota_mutant == (id) ? (a) : -(a))
#define OTA_MUTATE_INVERT(id, a) (ota_mutant == (id) ? (a) : ~(a))
#define OTA_MUTATE_CONSTANT1(id1, v1, v) (ota_mutant == (id1) ? (v1) : (v))
#define OTA_MUTATE_CONSTANT2(id1, v1, id2, v2, v)                                                  \
    (ota_mutant == (id1) ? (v1) : ota_mutant == (id2) ? (v2) : (v))
#define OTA_MUTATE_CONSTANT3(id1, v1, id2, v2, id3, v3, v)                                         \
    (ota_mutant == (id1) ? (v1) : ota_mutant == (id2) ? (v2) : ota_mutant == (id3) ? (v3) : (v))
#define OTA_MUTATE_STATUS(id, call)                                                                \
    ({                                                                                             \
        __auto_type s_ = (call);                                                                   \
        ota_mutant == (id) ? OTA_OK : s_;                                                          \
    })
#define OTA_MUTATE_DROP(id) if (ota_mutant != (id))

#else

#define OTA_MUTATE_HERE(first, last) 1
#define OTA_DIFFERS(id, really) ((really) ? (void)(ota_reached[id] = 1) : (void)0)

#define OTA_MUTATE_AND(swap, left, right, a, b)                                                    \
    ({                                                                                             \
        int x_ = !!(a);                                                                            \
        int v_ = x_ ? !!(b) : 0;                                                                   \
        OTA_DIFFERS(swap, !x_ || !v_);                                                             \
        OTA_DIFFERS(left, x_ && !v_);                                                              \
        OTA_DIFFERS(right, !x_);                                                                   \
        v_;                                                                                        \
    })
#define OTA_MUTATE_OR(swap, left, right, a, b)                                                     \
    ({                                                                                             \
        int x_ = !!(a);                                                                            \
        int v_ = x_ ? 1 : !!(b);                                                                   \
        OTA_DIFFERS(swap, x_ || v_);                                                               \
        OTA_DIFFERS(left, !x_ && v_);                                                              \
        OTA_DIFFERS(right, x_);                                                                    \
        v_;                                                                                        \
    })
#define OTA_MUTATE_RELATION1(op, op1, id1, a, b)                                                   \
    ({                                                                                             \
        __auto_type x_ = (a);                                                                      \
        __auto_type y_ = (b);                                                                      \
        OTA_DIFFERS(id1, 1);                                                                       \
        x_ op y_;                                                                                  \
    })
#define OTA_MUTATE_RELATION2(op, op1, id1, op2, id2, a, b)                                         \
    ({                                                                                             \
        __auto_type x_ = (a);                                                                      \
        __auto_type y_ = (b);                                                                      \
        OTA_DIFFERS(id1, (x_ op1 y_) != (x_ op y_));                                               \
        OTA_DIFFERS(id2, (x_ op2 y_) != (x_ op y_));                                               \
        x_ op y_;                                                                                  \
    })
#define OTA_MUTATE_BINARY(op, op1, id, a, b)                                                       \
    ({                                                                                             \
        __auto_type x_ = (a);                                                                      \
        __auto_type y_ = (b);                                                                      \
        OTA_DIFFERS(id, (x_ op1 y_) != (x_ op y_));                                                \
        x_ op y_;                                                                                  \
    })
#define OTA_MUTATE_ASSIGN(op, op1, id, a, b)                                                       \
    ({                                                                                             \
        OTA_DIFFERS(id, 1);                                                                        \
        (a) op(b);                                                                                 \
    })
#define OTA_MUTATE_AFTER(op, op1, id, a)  (OTA_DIFFERS(id, 1), (a)op)
#define OTA_MUTATE_BEFORE(op, op1, id, a) (OTA_DIFFERS(id, 1), op(a))
#define OTA_MUTATE_NOT(id, a)             (OTA_DIFFERS(id, 1), !(a))
#define OTA_MUTATE_TRUTH(id, a)           (OTA_DIFFERS(id, 1), !!(a))
#define OTA_MUTATE_MINUS(id, a)           (OTA_DIFFERS(id, 1), -(a))
#define OTA_MUTATE_INVERT(id, a)          (OTA_DIFFERS(id, 1), ~(a))
#define OTA_MUTATE_CONSTANT1(id1, v1, v)  (OTA_DIFFERS(id1, 1), (v))
#define OTA_MUTATE_CONSTANT2(id1, v1, id2, v2, v)                                                  \
    (OTA_DIFFERS(id1, 1), OTA_DIFFERS(id2, 1), (v))
#define OTA_MUTATE_CONSTANT3(id1, v1, id2, v2, id3, v3, v)                                         \
    (OTA_DIFFERS(id1, 1), OTA_DIFFERS(id2, 1), OTA_DIFFERS(id3, 1), (v))
#define OTA_MUTATE_STATUS(id, call)                                                                \
    ({                                                                                             \
        __auto_type s_ = (call);                                                                   \
        OTA_DIFFERS(id, s_ != OTA_OK);                                                             \
        s_;                                                                                        \
    })
#define OTA_MUTATE_DROP(id) OTA_DIFFERS(id, 1);

#endif
#endif
