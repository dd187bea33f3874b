"""The kinds of files that run code when somebody opens them, as extensions and media types.

Sources: the pages "File types blocked in Gmail" and "Blocked attachments in
Outlook", without those that are data in common use (url, mat, prg, one, theme).
"""

from __future__ import annotations

_PROGRAMS = """ade adp apk app appx appxbundle cab com cpl deb dll dmg elf ex ex_ exe gadget hlp hta jar jnlp msi msix
msixbundle msp mst nsh pif pkg rpm run scr sys vxd xap xbap"""
_SCRIPTS = """bat bash btm cmd command csh js jse ksh lib mjs msh msh1 msh1xml msh2 msh2xml mshxml ps1 ps1xml
ps2 ps2xml psc1 psc2 psm1 py pyc pyo pyw pyz pyzw sct sh shb shs vb vbe vbp vbs vsmacros ws wsc wsf wsh"""
_SHORTCUTS = """appref-ms application diagcab diagcfg diagpkg inf ins isp lnk library-ms msc reg scf search-ms
settingcontent-ms website"""
# Office's own names for documents that hold macros, and help files and databases that hold scripts.
_MACROS = "accda accde accdr chm docm dotm iqy mda mde potm ppam ppsm pptm slk sldm wll xlam xll xlsm xltm"
_DISKS = "img iso vhd vhdx"  # Windows opens them as a drive, and what is on it is not marked as coming from outside
_TYPES = """application/java-archive application/vnd.microsoft.portable-executable application/x-dosexec
application/x-elf application/x-executable application/x-mach-binary application/x-ms-shortcut application/x-msdownload
application/x-msi application/x-sharedlib
application/vnd.ms-excel.addin.macroenabled.12 application/vnd.ms-excel.sheet.macroenabled.12
application/vnd.ms-excel.template.macroenabled.12 application/vnd.ms-powerpoint.addin.macroenabled.12
application/vnd.ms-powerpoint.presentation.macroenabled.12 application/vnd.ms-powerpoint.slideshow.macroenabled.12
application/vnd.ms-powerpoint.template.macroenabled.12 application/vnd.ms-word.document.macroenabled.12
application/vnd.ms-word.template.macroenabled.12"""

HELD = tuple(sorted(f"{_PROGRAMS} {_SCRIPTS} {_SHORTCUTS} {_MACROS} {_DISKS}".split())) + tuple(_TYPES.split())
"""What is held when the settings say nothing else."""
