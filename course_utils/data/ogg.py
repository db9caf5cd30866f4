"""Ogg files that are the same each time they are written."""

from __future__ import annotations


def without_serial(content: bytes) -> bytes:
    """An Ogg file with 0 in place of its random serial number: the same sound gives the same bytes.

    Each page holds the serial number, a checksum (CRC-32, polynomial 04C11DB7), and its length. Source: RFC 3533.

    Args:
        content: of one stream.
    """
    found, start = bytearray(content), 0
    while start < len(found):
        segments = found[start + 26]
        body = start + 27 + segments
        end = body + sum(found[start + 27 : body])
        found[start + 14 : start + 18] = found[start + 22 : start + 26] = bytes(4)
        crc = 0
        for byte in found[start:end]:
            crc = (crc << 8 & 0xFFFFFFFF) ^ OGG_CRC[crc >> 24 ^ byte]
        found[start + 22 : start + 26] = crc.to_bytes(4, "little")
        start = end
    return bytes(found)


def _ogg_crc(byte: int) -> int:
    crc = byte << 24
    for _ in range(8):
        crc = (crc << 1 ^ 0x04C11DB7 * (crc >> 31)) & 0xFFFFFFFF
    return crc


OGG_CRC = [_ogg_crc(byte) for byte in range(256)]
