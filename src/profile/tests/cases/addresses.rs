//! Rules for addresses that say more or less than their writer thinks.

use super::*;

pub(super) fn cases() -> Vec<Case> {
    vec![
        case(&["profile.ip-everywhere 7:15"], extended("ip: { allow: [0.0.0.0/0] }\n")),
        case(&["profile.ip-everywhere 7:31"], extended("ip: { allow: [203.0.113.0/24, '::/0'] }\n")),
        case(
            &["profile.ip-nowhere 7:39"],
            extended("ip: { allow: [203.0.113.7/32], deny: [203.0.113.0/24] }\n"),
        ),
        case(&["profile.ip-nowhere 7:14"], extended("ip: { deny: [0.0.0.0/0, '::/0'] }\n")),
        case(&["profile.ip-nowhere 7:27"], extended("ip: { deny: [203.0.113.7, '::/0'] }\n")),
        case(&["profile.ip-nowhere 7:14"], extended("ip: { deny: [0.0.0.0/1, 128.0.0.0/1] }\n")),
        case(&["profile.ip-nowhere 7:25"], extended("ip: { allow: [], deny: ['::/1', '8000::/1'] }\n")),
        case(
            &["profile.ip-nowhere 7:39"],
            extended("ip: { allow: [203.0.113.0/24], deny: [203.0.113.0/25, 203.0.113.128/25] }\n"),
        ),
        case(
            &["profile.ip-nowhere 7:56"],
            extended("ip: { allow: [203.0.113.0/24, '2001:db8::/32'], deny: [203.0.112.0/23, '::/0'] }\n"),
        ),
        case(&[], extended("ip: { allow: [203.0.113.0/24, '2001:db8::/32'], deny: ['::/0'] }\n")),
        case(&["profile.ip-everywhere 7:15"], extended("ip: { allow: [0.0.0.0/1, 128.0.0.0/1] }\n")),
        case(
            &["profile.ip-everywhere 7:31"],
            extended("ip: { allow: [203.0.113.0/24, '8000::/1', '::/1'] }\n"),
        ),
        case(&[], extended("ip: { allow: [0.0.0.0/1, 128.0.0.0/2] }\n")),
        case(&["profile.ip-everywhere 7:5"], extended("ip: { allow: [] }\n")),
        case(&["profile.ip-everywhere 7:5"], extended("ip: { deny: [] }\n")),
        case(&["profile.ip-everywhere 7:5"], extended("ip: {}\n")),
        case(&[], extended("ip: { allow: [], deny: [203.0.113.7] }\n")),
        in_environment(
            "dev",
            case(
                &[],
                extended("ip: { allow: [203.0.113.7] }\nenvironments: { dev: { ip: {} }, live: {} }\n"),
            ),
        ),
        in_environment(
            "dev",
            case(
                &["profile.ip-everywhere 8:28"],
                extended(
                    "ip: { allow: [203.0.113.7] }\nenvironments: { dev: { ip: { allow: [] } }, live: {} }\n",
                ),
            ),
        ),
        case(&[], extended("ip: { allow: [203.0.113.0/24], deny: [203.0.113.7] }\n")),
        case(&["profile.ip-private 7:15"], extended("ip: { allow: [192.168.1.0/24, 203.0.113.7] }\n")),
        case(&["profile.ip-private 7:15"], extended("ip: { allow: ['fd00::/8'] }\n")),
        case(&["profile.ip-host-bits 7:15"], extended("ip: { allow: [172.16.0.0/8] }\n")),
        case(&["profile.ip-host-bits 7:15"], extended("ip: { allow: [203.0.113.7/24] }\n")),
        case(&[], extended("ip: any\n")),
        case(&["profile.unknown-word 7:5"], extended("ip: none\n")),
    ]
}
