"""The papers: certificate and key notice, drawn with reportlab."""
